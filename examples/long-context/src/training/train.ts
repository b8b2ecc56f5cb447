import * as tf from '@tensorflow/tfjs';
import * as tfa from 'tfjs-addons';

import {now} from '../clock.js';
import {Random} from '../random.js';
import type {Corpus} from '../text/corpus.js';
import {randomWindows} from '../text/windows.js';
import {bitsByPosition, meanOf} from './evaluate.js';
import {bitsPerCharacter} from './loss.js';

export interface Budget {
  steps: number;
  /** Windows in a step. */
  batch: number;
  /** Characters in a window. */
  length: number;
  learningRate: number;
  seed: number;
}

export interface Curve {
  /** Bits per character of held-out text after so many steps. */
  points: {step: number; bits: number}[];
  /** Characters trained on in a second (see `now`), tests not counted. */
  speed: number;
}

/** Looks at the held-out text during training. */
const LOOKS = 8;
/** Characters of each look. */
const LOOK_CHARACTERS = 8192;
const WARM_UP_SHARE = 0.1;
const LARGEST_GRADIENT = 1;

/** @param onStep Called after each step with the last held-out bits. */
export async function train(
  model: tf.LayersModel,
  {train, heldOut}: Corpus,
  budget: Budget,
  onStep: (bits: number) => void,
): Promise<Curve> {
  const {steps, batch, length, seed} = budget;
  const optimizer = optimizerFor(budget);
  const random = new Random(seed);
  const look = async () =>
    meanOf(await bitsByPosition(model, heldOut, Math.max(LOOK_CHARACTERS, length), length, length));
  const points = [{step: 0, bits: await look()}];
  let milliseconds = 0;
  for (let step = 1; step <= steps; step++) {
    const start = now();
    const loss = tf.tidy(() => {
      const {inputs, targets} = randomWindows(train, batch, length, random);
      const bits = () =>
        tf.mean(bitsPerCharacter(model.apply(inputs, {training: true}) as tf.Tensor, targets)) as tf.Scalar;
      return optimizer.minimize(bits, true)!;
    });
    await loss.data(); // waits for the device
    loss.dispose();
    milliseconds += now() - start;
    if (step % Math.ceil(steps / LOOKS) === 0 || step === steps) points.push({step, bits: await look()});
    onStep(points.at(-1)!.bits);
  }
  optimizer.dispose();
  return {points, speed: (steps * batch * length) / (milliseconds / 1000)};
}

function optimizerFor({steps, learningRate}: Budget): tf.Optimizer {
  const clipped = tfa.train.clipGradients(tfa.train.adamW(learningRate, {weightDecay: 0.01}), {
    globalNorm: LARGEST_GRADIENT,
  });
  const warmupSteps = Math.ceil(WARM_UP_SHARE * steps);
  return tfa.train.schedule(clipped, {kind: 'cosine', warmupSteps, decaySteps: Math.max(2, steps)});
}
