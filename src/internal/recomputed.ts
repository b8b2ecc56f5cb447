import * as tf from '@tensorflow/tfjs-core';

import {isTaping} from './taping.js';

type Optional = tf.Tensor | undefined;

/**
 * `compute(inputs, constants)` whose intermediate tensors are not kept for the backward pass but computed again there.
 *
 * Only `inputs` and `constants` are saved, so memory is theirs, and second-order gradients are right. Gradients flow to
 * `inputs`. `compute` must be a pure function of both: every tensor it reads has to be among them, as one that it
 * captured may be disposed before the backward pass. Absent entries stay absent.
 *
 * @param backward The gradients of the present inputs for `dy`, where they can be had in less memory or time than
 *     by differentiating `compute`. It serves first-order gradients.
 */
export function recomputed<T extends tf.Tensor>(
  compute: (inputs: Optional[], constants: Optional[]) => T,
  inputs: readonly Optional[],
  constants: readonly Optional[] = [],
  backward?: (inputs: Optional[], constants: Optional[], dy: tf.Tensor) => tf.Tensor[],
): T {
  const differentiable = inputs.filter(isTensor);
  const held = constants.filter(isTensor);
  const op = tf.customGrad((...args) => {
    (args[args.length - 1] as tf.GradSaveFunc)([...differentiable, ...held]);
    return {
      value: tf.tidy(() => compute([...inputs], [...constants])),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const given = saved.slice(0, differentiable.length);
        const again = fill(constants, saved.slice(differentiable.length));
        if (backward !== undefined && !isTaping()) return keepingTape(() => backward(fill(inputs, given), again, dy));
        const run = (...given: tf.Tensor[]) => compute(fill(inputs, given), again);
        return keepingTape(() => tf.grads(run)(given, dy));
      },
    };
  });
  return op(...differentiable) as T;
}

/** tfjs drops its tape after every outermost gradient, also when that runs inside the backward pass of another. */
function keepingTape<T>(run: () => T): T {
  const {state} = tf.engine();
  const tape = state.activeTape;
  try {
    return run();
  } finally {
    state.activeTape = tape;
  }
}

const isTensor = (value: Optional): value is tf.Tensor => value !== undefined;

/** `pattern` with its tensors replaced by `values`, in order. */
function fill(pattern: readonly Optional[], values: readonly tf.Tensor[]): Optional[] {
  let next = 0;
  return pattern.map(entry => (entry === undefined ? undefined : values[next++]));
}
