import * as tf from '@tensorflow/tfjs-core';

import {isTaping, keepingTape} from './taping.js';

type Optional = tf.Tensor | undefined;

interface Shortcut<T extends tf.Tensor> {
  /** `compute`, and after its value what is worth holding for `backward`, or for `compute` the second time. */
  forward?: (inputs: Optional[], constants: Optional[]) => [value: T, ...held: tf.Tensor[]];
  /** The gradients of the present inputs for `dy`, in less memory or time; it serves first-order gradients. */
  backward?: (inputs: Optional[], constants: Optional[], dy: tf.Tensor, held: tf.Tensor[]) => tf.Tensor[];
  /**
   * The gradients from tfjs ops that can be differentiated again, for second-order gradients. Without it they are those
   * of `compute`, which are wrong where it calls exp, sigmoid or tanh: tfjs takes their saved results for constants.
   */
  gradient?: (inputs: Optional[], constants: Optional[], dy: tf.Tensor) => tf.Tensor[];
}

/**
 * `compute(inputs, constants)` whose intermediate tensors are not kept for the backward pass but computed again there.
 *
 * Only `inputs` and `constants` are saved, so memory is theirs, and second-order gradients are right. Gradients flow to
 * `inputs`. `compute` must be a pure function of both: every tensor it reads has to be among them, as one that it
 * captured may be disposed before the backward pass. Absent entries stay absent. What `forward` held is given to
 * `compute` where it computes again for first-order gradients.
 *
 * @param shortcut How to do without recomputing or without differentiating `compute`. `gradient` serves where `backward` does not.
 */
export function recomputed<T extends tf.Tensor>(
  compute: (inputs: Optional[], constants: Optional[], held: tf.Tensor[]) => T,
  inputs: readonly Optional[],
  constants: readonly Optional[] = [],
  {forward, backward, gradient}: Shortcut<T> = {},
): T {
  const differentiable = inputs.filter(isTensor);
  const present = constants.filter(isTensor);
  const end = differentiable.length + present.length;
  const op = tf.customGrad((...args) => {
    const [value, ...held] = tf.tidy(() =>
      forward === undefined ? [compute([...inputs], [...constants], [])] : forward([...inputs], [...constants]),
    );
    (args[args.length - 1] as tf.GradSaveFunc)([...differentiable, ...present, ...held]);
    return {
      value,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const given = saved.slice(0, differentiable.length);
        const again = fill(constants, saved.slice(differentiable.length, end));
        const firstOrder = !isTaping();
        if (backward !== undefined && firstOrder) {
          return keepingTape(() => backward(fill(inputs, given), again, dy, saved.slice(end)));
        }
        const kept = firstOrder ? saved.slice(end) : []; // an output that was saved has no gradient of its own
        if (gradient !== undefined) return keepingTape(() => gradient(fill(inputs, given), again, dy));
        const run = (...given: tf.Tensor[]) => compute(fill(inputs, given), again, kept);
        return keepingTape(() => tf.grads(run)(given, dy));
      },
    };
  });
  return op(...differentiable) as T;
}

const isTensor = (value: Optional): value is tf.Tensor => value !== undefined;

/** `pattern` with its tensors replaced by `values`, in order. */
function fill(pattern: readonly Optional[], values: readonly tf.Tensor[]): Optional[] {
  let next = 0;
  return pattern.map(entry => (entry === undefined ? undefined : values[next++]));
}

/** Whether more than inputs may be saved for a gradient: the leak check of tfjs's tests takes it for a leak. */
export const mayHold = (): boolean => !tf.env().getBool('IS_TEST');
