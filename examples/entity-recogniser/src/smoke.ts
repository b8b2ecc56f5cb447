/** `npm run smoke`: a run of a few seconds that fails unless the model learns, and loads in a new process as it was. */
import assert from 'node:assert/strict';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

import {finishRun} from './commands/finish_run.js';
import {newRecogniser} from './commands/new_recogniser.js';
import {loadDataset} from './data/load_dataset.js';
import {PRESETS} from './presets.js';
import {startBackend} from './start_backend.js';
import {TrainingOutput} from './terminal/training_output.js';
import {startOf} from './training/progress.js';
import {train} from './training/train.js';

const LEAST_GAIN = 0.1;

const out = mkdtempSync(join(tmpdir(), 'entity-recogniser-'));
const run = {...PRESETS.smoke, out, command: 'npm run smoke'};
try {
  await startBackend(run.backend);
  const data = loadDataset(run, console.warn);
  const progress = startOf(run, '');
  const done = await train(newRecogniser(run, data), data, progress, new TrainingOutput(run.epochs), () => false);
  assert(done);
  const [first, last] = [progress.history[0].f1, progress.history.at(-1)!.f1];
  assert(last > first + LEAST_GAIN, `dev F1 went from ${first} to ${last}, expected a gain of more than ${LEAST_GAIN}`);
  await finishRun(data, progress);
  assert(!process.exitCode, 'the loaded model gives other scores');
} finally {
  rmSync(out, {recursive: true});
}
