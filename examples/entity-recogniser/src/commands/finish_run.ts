import {writeFileSync} from 'node:fs';
import {join} from 'node:path';

import type {Dataset} from '../data/sentence.js';
import {joinTokens} from '../data/tokenise.js';
import {removeCheckpoint} from '../files/checkpoint.js';
import {loadRecogniser} from '../files/recogniser_files.js';
import {clock} from '../terminal/clock.js';
import {scoreTable} from '../terminal/score_table.js';
import {showPath} from '../terminal/show_path.js';
import {taggedText} from '../terminal/tagged_text.js';
import type {Progress} from '../training/progress.js';
import {modelDirectory} from '../training/train.js';
import {measure, measureInNewProcess, sameMeasurements} from './measure.js';

const SAMPLES = 4;

/** After the training: scores of the best epoch, the check of the saved model, samples and the report. */
export async function finishRun(data: Dataset, {run, history, bestEpoch}: Progress): Promise<void> {
  const seconds = history.reduce((sum, record) => sum + record.seconds, 0);
  const {recogniser} = await loadRecogniser(modelDirectory(run.out));
  const measured = await measure(recogniser, data);
  const scores = measured.test ?? measured.dev;
  console.log(
    `\nScores on the ${data.test ? 'test' : 'dev'} text, epoch ${bestEpoch} (trained in ${clock(seconds)}):\n`,
  );
  console.log(scoreTable(scores));

  const best = history[bestEpoch - 1];
  const trained = {precision: best.precision, recall: best.recall, f1: best.f1};
  const check = sameMeasurements(measured, await measureInNewProcess(run.out), trained);
  console.log(`\n${check.same ? '✓' : '✗'} Saved and loaded in a new process: ${check.message}`);
  if (!check.same) process.exitCode = 1;

  const samples = (data.test ?? data.dev).slice(0, SAMPLES);
  const found = await recogniser.find(samples);
  console.log('\nSamples:');
  for (const [i, {tokens}] of samples.entries()) {
    console.log(`  ${taggedText({tokens, spans: found[i]}, recogniser.encoder.types, data.tokenKind)}`);
  }

  const result = {scores: measured, history, bestEpoch, run};
  writeFileSync(join(run.out, 'scores.json'), `${JSON.stringify(result, null, 2)}\n`);
  const {writeReport} = await import('../report/write_report.js');
  const report = await writeReport({run, data, recogniser, scores, history, bestEpoch});
  removeCheckpoint(run.out);
  console.log(`\nModel   ${showPath(modelDirectory(run.out))}`);
  console.log(`Report  ${showPath(report)}`);
  const place = `--out ${showPath(run.out)}`;
  console.log(`\nTag your own text with: npm start -- tag ${place} ${JSON.stringify(exampleText(data))}`);
}

const exampleText = ({train, tokenKind}: Dataset): string => joinTokens(train[0].tokens, tokenKind);
