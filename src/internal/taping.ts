import * as tf from '@tensorflow/tfjs-core';

/**
 * Whether tfjs records what runs now for a gradient. Inside the backward pass of an op this is so for second-order
 * gradients only; without it, an op may use what it held from the forward pass and free memory early.
 */
export const isTaping = (): boolean => {
  const {gradientDepth, kernelDepth} = tf.engine().state;
  return gradientDepth > 0 && kernelDepth === 0;
};

/** Runs what differentiates by itself, as if no gradient were being recorded. */
export function offTape<T>(run: () => T): T {
  const {state} = tf.engine();
  const {activeTape, gradientDepth} = state;
  state.gradientDepth = 0;
  try {
    return run();
  } finally {
    Object.assign(state, {activeTape, gradientDepth});
  }
}
