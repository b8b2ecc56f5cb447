import type * as tf from '@tensorflow/tfjs-core';

import {type GoldenTensor, goldenTensor, loadGolden} from '../support/golden.js';

type Tensors = Record<string, tf.Tensor>;

interface GoldenFile {
  config: Record<string, unknown>;
  inputs: Record<string, GoldenTensor>;
  outputs: Record<string, GoldenTensor>;
  grads: Record<string, GoldenTensor>;
}

/** A case of `test/golden/optimizers_losses`; `grads` are those of the sum of the loss. */
export async function goldenLoss(
  name: string,
): Promise<{config: Record<string, unknown>; inputs: Tensors; outputs: Tensors; grads: Tensors}> {
  const {config, inputs, outputs, grads} = await loadGolden<GoldenFile>(`optimizers_losses/${name}`);
  return {config, inputs: tensors(inputs), outputs: tensors(outputs), grads: tensors(grads)};
}

const tensors = (group: Record<string, GoldenTensor>): Tensors =>
  Object.fromEntries(Object.entries(group).map(([name, value]) => [name, goldenTensor(value)]));
