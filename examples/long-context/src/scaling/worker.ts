/** A process of its own for one kind of attention: running out of memory ends it, and nothing else. */
import * as tf from '@tensorflow/tfjs';

import {now} from '../clock.js';
import {buildModel} from '../model/build_model.js';
import {Random} from '../random.js';
import {startBackend} from '../start_backend.js';
import {loadCorpus} from '../text/corpus.js';
import {randomWindows} from '../text/windows.js';
import {bitsPerCharacter} from '../training/loss.js';
import type {Cost, Request} from './protocol.js';

/** Shares of the first loss that a loss may be away from it: tensors that found no memory overlap others. */
const PLAUSIBLE = 0.5;

/** Short steps are repeated for so long; the fastest counts. */
const REPEAT_MS = 1000;

const {backend, attention, sizes, lengths, seed} = JSON.parse(process.argv[2]) as Request;
await startBackend(backend);
const {train} = loadCorpus();
const model = buildModel(attention, sizes, seed);
const optimizer = tf.train.sgd(0);
const random = new Random(seed);
const usual = await step(lengths[0]); // compiles and warms up

for (const length of lengths) {
  const {loss, milliseconds} = await fastestStep(length);
  const {peakBytes: tensorBytes, result} = await tf.profile(() => lossAfterStep(length));
  tf.dispose(result);
  if (!(Math.abs(loss - usual) <= PLAUSIBLE * usual)) throw new Error(`a loss of ${loss} for ${length} characters`);
  const cost: Cost = {length, milliseconds, tensorBytes, residentBytes: process.resourceUsage().maxRSS * 1024};
  await new Promise(sent => process.send!(cost, sent));
}
process.exit(); // Dawn keeps its threads

async function fastestStep(length: number): Promise<{loss: number; milliseconds: number}> {
  let milliseconds = Infinity;
  let loss = NaN;
  for (let spent = 0; spent < REPEAT_MS; ) {
    const start = now();
    loss = await step(length);
    const taken = now() - start;
    milliseconds = Math.min(milliseconds, taken);
    spent += taken;
  }
  return {loss, milliseconds};
}

async function step(length: number): Promise<number> {
  const loss = lossAfterStep(length);
  const [value] = await loss.data();
  loss.dispose();
  return value;
}

function lossAfterStep(length: number): tf.Scalar {
  return tf.tidy(() => {
    const {inputs, targets} = randomWindows(train, 1, length, random);
    const bits = () => tf.mean(bitsPerCharacter(model.apply(inputs, {training: true}) as tf.Tensor, targets));
    return optimizer.minimize(bits as () => tf.Scalar, true)!;
  });
}
