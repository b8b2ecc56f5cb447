import {execFileSync} from 'node:child_process';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

import * as tf from '@tensorflow/tfjs';
import {newRecogniser} from 'entity-recogniser-example/src/commands/new_recogniser.ts';
import {loadDataset} from 'entity-recogniser-example/src/data/load_dataset.ts';
import {PRESETS} from 'entity-recogniser-example/src/presets.ts';
import {startOf} from 'entity-recogniser-example/src/training/progress.ts';
import {train} from 'entity-recogniser-example/src/training/train.ts';

/** Steps that compile shaders and fill pools of memory. */
const WARM_UP = 5;

export interface Size {
  steps: number;
  batchSize: number;
  units: number;
  layers: number;
}

export interface Measured {
  stepsPerSecond: number;
  tokensPerSecond: number;
  /** Loss of the first and of the last step. */
  losses: [number, number];
  /** Largest sum of tensors between steps. */
  tensorMegabytes: number;
  /** Of this process, in the memory of the processor. */
  residentMegabytes: number;
  /** Of the card, by nvidia-smi, where it is there. */
  cardMegabytes?: number;
}

/** Trains the recogniser for some steps, after those that warm up, on the backend that was started. */
export async function measure({steps, ...size}: Size, report: (step: number, loss: number) => void): Promise<Measured> {
  const out = mkdtempSync(join(tmpdir(), 'gpu-training-'));
  const sentences = 2 * size.batchSize * (steps + WARM_UP); // more than one epoch has
  const run = {...PRESETS.standard, ...size, sentences, epochs: 1, out, command: ''};
  try {
    const data = loadDataset(run, console.warn);
    const seconds: number[] = [];
    const losses: number[] = [];
    let [tokens, tensors, last] = [0, 0, performance.now()];
    const listener = {
      epochStarts() {
        last = performance.now();
      },
      stepEnds(loss: number, count: number) {
        const now = performance.now();
        losses.push(loss);
        if (losses.length > WARM_UP) {
          seconds.push((now - last) / 1000);
          tokens += count;
        }
        tensors = Math.max(tensors, tf.memory().numBytes);
        last = now;
        report(losses.length, loss);
      },
      epochEnds() {},
    };
    await train(newRecogniser(run, data), data, startOf(run, ''), listener, () => seconds.length >= steps);
    const total = seconds.reduce((sum, second) => sum + second, 0);
    return {
      stepsPerSecond: seconds.length / total,
      tokensPerSecond: tokens / total,
      losses: [losses[0], losses.at(-1)!],
      tensorMegabytes: tensors / 1e6,
      residentMegabytes: process.memoryUsage().rss / 1e6,
      cardMegabytes: cardMegabytes(),
    };
  } finally {
    rmSync(out, {recursive: true});
  }
}

function cardMegabytes(): number | undefined {
  try {
    const query = ['--query-gpu=memory.used', '--format=csv,noheader,nounits', '--id=0'];
    const mebibytes = Number(
      execFileSync('nvidia-smi', query, {encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore']}),
    );
    return (mebibytes * 2 ** 20) / 1e6;
  } catch {
    return undefined;
  }
}
