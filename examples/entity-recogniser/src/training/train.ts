import {join} from 'node:path';
import {setImmediate} from 'node:timers/promises';

import type * as tf from '@tensorflow/tfjs';

import type {Dataset} from '../data/sentence.js';
import {saveCheckpoint} from '../files/checkpoint.js';
import {saveRecogniser} from '../files/recogniser_files.js';
import {replaceDirectory} from '../files/replace_directory.js';
import {Random} from '../random.js';
import type {Recogniser} from '../recogniser.js';
import {disposeAll, featureTensors, labelTensor, tagTensor} from '../text/batch_tensors.js';
import {type Batch, makeBatches} from '../text/batches.js';
import type {EncodedSentence} from '../text/encoder.js';
import {hideValues} from '../text/hiding.js';
import {withAveragedWeights} from './optimizer.js';
import type {EpochRecord, Progress} from './progress.js';

/** Streams of random numbers, see `Random`. */
const ORDER = 10;
const HIDE = 11;

/** Share of a token's tag that is spread over all tags. */
const TAG_SMOOTHING = 0.1;

/** What the training tells while it runs. */
export interface TrainingListener {
  epochStarts(epoch: number, steps: number, stepsDone: number, tokensAhead: number): void;
  stepEnds(loss: number, tokens: number): void;
  epochEnds(record: EpochRecord, isBest: boolean): void;
}

/** Where the best model of a run lies. */
export const modelDirectory = (out: string): string => join(out, 'model');

/** Number of steps in an epoch; sentences are dealt to the same number of batches in each. */
export const stepsPerEpoch = (sentences: readonly EncodedSentence[], batchSize: number): number =>
  makeBatches(sentences, batchSize).length;

/**
 * Trains from where `progress` stands, scores the dev text after each epoch, keeps the weights of the best one in
 * `out/model` and everything needed to go on in `out/checkpoint`.
 *
 * @param stopped Asked after each step; when true, the state is saved and the training ends.
 * @returns Whether the training is done.
 */
export async function train(
  recogniser: Recogniser,
  data: Dataset,
  progress: Progress,
  listener: TrainingListener,
  stopped: () => boolean,
): Promise<boolean> {
  const {run} = progress;
  const sentences = data.train.map(sentence => recogniser.encoder.encode(sentence));
  const tokensOf = (batches: readonly Batch[]): number =>
    batches.reduce((sum, {indices}) => sum + indices.reduce((tokens, index) => tokens + sentences[index].length, 0), 0);

  while (progress.epoch < run.epochs) {
    const batches = makeBatches(sentences, run.batchSize, new Random(run.seed, ORDER, progress.epoch));
    const ahead = tokensOf(batches) * (run.epochs - progress.epoch) - tokensOf(batches.slice(0, progress.step));
    listener.epochStarts(progress.epoch + 1, batches.length, progress.step, ahead);
    while (progress.step < batches.length) {
      const batch = batches[progress.step];
      const started = performance.now();
      const loss = await trainOn(recogniser, sentences, batch, progress);
      progress.seconds += (performance.now() - started) / 1000;
      progress.lossSum += loss;
      progress.step++;
      listener.stepEnds(loss, tokensOf([batch]));
      await setImmediate(); // wasm never leaves this turn of the event loop by itself: Ctrl-C and the bar wait for it
      if (stopped()) {
        await saveCheckpoint(run.out, recogniser, progress);
        return false;
      }
    }
    await finishEpoch(recogniser, data, progress, listener);
    if (stopped() && progress.epoch < run.epochs) return false;
  }
  return true;
}

async function trainOn(
  {trainingModel, encoder}: Recogniser,
  sentences: readonly EncodedSentence[],
  batch: Batch,
  {run, epoch, step}: Progress,
): Promise<number> {
  const random = new Random(run.seed, HIDE, epoch, step);
  const {features, tables, types} = encoder;
  const shown = batch.indices.map(index => hideValues(sentences[index], tables, run, random));
  const all = {indices: [...shown.keys()], length: batch.length};
  const inputs = featureTensors(shown, all, features);
  const targets: tf.Tensor[] = [labelTensor(shown, all, types.length)];
  if (run.tagWeight) {
    targets.push(tagTensor(shown, all, types.length, {weight: run.tagWeight, smoothing: TAG_SMOOTHING}));
  }
  const [loss] = [await trainingModel.trainOnBatch(inputs, targets)].flat() as number[];
  disposeAll([...inputs, ...targets]);
  if (!Number.isFinite(loss)) throw new Error(`the loss became ${loss}; try a lower --learning-rate`);
  return loss;
}

async function finishEpoch(
  recogniser: Recogniser,
  data: Dataset,
  progress: Progress,
  listener: TrainingListener,
): Promise<void> {
  const {run, history, lossSum, step, seconds} = progress;
  const isBest = await withAveragedWeights(recogniser.trainingModel, async () => {
    const {precision, recall, f1} = (await recogniser.evaluate(data.dev)).all;
    const best = history.every(earlier => f1 > earlier.f1);
    if (best) await replaceDirectory(modelDirectory(run.out), directory => saveRecogniser(directory, recogniser, run));
    history.push({epoch: progress.epoch + 1, loss: lossSum / step, precision, recall, f1, seconds});
    return best;
  });
  const epoch = progress.epoch + 1;
  Object.assign(progress, {epoch, step: 0, lossSum: 0, seconds: 0, ...(isBest && {bestEpoch: epoch})});
  await saveCheckpoint(run.out, recogniser, progress);
  listener.epochEnds(history[history.length - 1], isBest);
}
