import {fork} from 'node:child_process';
import {fileURLToPath} from 'node:url';

import type {Dataset} from '../data/sentence.js';
import type {Recogniser} from '../recogniser.js';
import type {Score, Scores} from '../scores.js';

/** What a model gives: scores on the texts, and the raw span scores of one sentence. */
export interface Measurements {
  dev: Scores;
  test?: Scores;
  spanScores: number[];
}

export async function measure(recogniser: Recogniser, {dev, test}: Dataset): Promise<Measurements> {
  return {
    dev: await recogniser.evaluate(dev),
    test: test && (await recogniser.evaluate(test)),
    spanScores: (await recogniser.spanScores(dev[0])).flat(2),
  };
}

/** `measure` for the model saved in `out`, in a process that knows nothing but the files. */
export function measureInNewProcess(out: string): Promise<Measurements> {
  const script = fileURLToPath(new URL('./measure_saved.ts', import.meta.url));
  return new Promise((resolve, reject) => {
    const child = fork(script, [out]);
    child.once('message', message => resolve(message as Measurements));
    child.once('exit', code => reject(new Error(`measuring the saved model ended with exit code ${code}`)));
  });
}

/** Backends that sum in an order of their own each time may differ in the last bits of a float32. */
const ROUNDING = 1e-5;

/** Whether both give the same scores, on dev also those of the model while it was trained, and the same span scores. */
export function sameMeasurements(
  here: Measurements,
  there: Measurements,
  trained: Pick<Score, 'precision' | 'recall' | 'f1'>,
): {same: boolean; message: string} {
  const {precision, recall, f1} = there.dev.all;
  if (precision !== trained.precision || recall !== trained.recall || f1 !== trained.f1) {
    return {same: false, message: `dev F1 is ${f1}, but was ${trained.f1} in training`};
  }
  if (JSON.stringify([here.dev, here.test]) !== JSON.stringify([there.dev, there.test])) {
    const [a, b] = [here, there].map(({dev, test}) => (test ?? dev).all.f1);
    return {same: false, message: `F1 is ${b}, but ${a} in this process`};
  }
  const difference = here.spanScores.reduce(
    (most, score, i) => Math.max(most, Math.abs(score - there.spanScores[i])),
    0,
  );
  const largest = here.spanScores.reduce((most, score) => Math.max(most, score), 1);
  const same = difference <= ROUNDING * largest;
  const message =
    difference === 0 ? 'all scores are the same' : `span scores differ by up to ${difference.toExponential(1)}`;
  return {same, message};
}
