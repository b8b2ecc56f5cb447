import {mkdirSync} from 'node:fs';

import {fingerprint, loadDataset} from '../data/load_dataset.js';
import type {Dataset} from '../data/sentence.js';
import {hasCheckpoint, loadCheckpoint, readProgress} from '../files/checkpoint.js';
import type {Recogniser} from '../recogniser.js';
import type {Run} from '../settings.js';
import {startBackend} from '../start_backend.js';
import {Interruption} from '../terminal/interruption.js';
import {showPath} from '../terminal/show_path.js';
import {TrainingOutput} from '../terminal/training_output.js';
import {type Progress, startOf} from '../training/progress.js';
import {train} from '../training/train.js';
import {finishRun} from './finish_run.js';
import {newRecogniser} from './new_recogniser.js';

/** Trains from the beginning. */
export async function trainCommand(run: Run, overwrite: boolean): Promise<void> {
  if (hasCheckpoint(run.out) && !overwrite) {
    const {epoch, run: old} = readProgress(run.out);
    const place = `${showPath(run.out)} holds a run that was stopped after ${epoch} of ${old.epochs} epochs`;
    throw new Error(`${place}. Go on with it by --resume, replace it by --overwrite, or choose another --out.`);
  }
  await startBackend(run.backend);
  const data = loadDataset(run, console.warn);
  const recogniser = newRecogniser(run, data);
  mkdirSync(run.out, {recursive: true});
  await runTraining(recogniser, data, startOf(run, fingerprint(data)));
}

/** Goes on with a run that was stopped. */
export async function resumeCommand(out: string): Promise<void> {
  const {run, fingerprint: expected} = readProgress(out);
  await startBackend(run.backend);
  const data = loadDataset(run, () => {});
  if (fingerprint(data) !== expected) throw new Error('the text has changed since the run was stopped');
  const {recogniser, progress} = await loadCheckpoint(out);
  await runTraining(recogniser, data, progress);
}

async function runTraining(recogniser: Recogniser, data: Dataset, progress: Progress): Promise<void> {
  const {run} = progress;
  describe(run, recogniser, data, progress);
  const output = new TrainingOutput(run.epochs);
  const interruption = new Interruption(() => {
    output.stop();
    console.log('\nStopping after this step …');
  });
  const done = await train(recogniser, data, progress, output, () => interruption.requested);
  interruption.stopListening();
  output.stop();
  if (done) {
    await finishRun(data, progress);
    return;
  }
  const {epoch, step} = progress;
  console.log(`Stopped in epoch ${epoch + 1} after ${step} steps. Everything is in ${showPath(run.out)}; go on with:`);
  console.log(`  npm start -- --resume --out ${showPath(run.out)}`);
  process.exitCode = 130;
}

function describe(run: Run, {model, encoder}: Recogniser, {train, dev, test}: Dataset, {epoch, step}: Progress): void {
  const sizes = [train, dev, test ?? []].map(part => part.length.toLocaleString('en'));
  console.log(
    `Text     ${run.data ? showPath(run.data) : 'generated'}: ${sizes[0]} sentences to train on, ${sizes[1]} dev, ${sizes[2]} test`,
  );
  if (!test) console.log('         There are no labels for test; scores will be those of dev.');
  console.log(`Types    ${encoder.types.join(', ')}`);
  console.log(
    `Model    ${model.countParams().toLocaleString('en')} parameters: ${run.layers} × ${run.units}, ${encoder.features.map(({name}) => name).join(' + ')}`,
  );
  console.log(`Backend  ${run.backend}\n`);
  if (epoch + step > 0) console.log(`Going on in epoch ${Math.min(epoch + 1, run.epochs)} after ${step} steps.`);
}
