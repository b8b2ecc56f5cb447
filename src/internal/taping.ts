import * as tf from '@tensorflow/tfjs-core';

/**
 * Whether tfjs records what runs now for a gradient. Inside the backward pass of an op this is so for second-order
 * gradients only; without it, an op may use what it held from the forward pass and free memory early.
 */
export const isTaping = (): boolean => {
  const {gradientDepth, kernelDepth} = tf.engine().state;
  return gradientDepth > 0 && kernelDepth === 0;
};

/** tfjs drops its tape after every outermost gradient, also when that runs inside the backward pass of another. */
export function keepingTape<T>(run: () => T): T {
  const {state} = tf.engine();
  const tape = state.activeTape;
  try {
    return run();
  } finally {
    state.activeTape = tape;
  }
}

/** Runs what differentiates by itself, as if no gradient were being recorded. */
export function offTape<T>(run: () => T): T {
  const {state} = tf.engine();
  const {gradientDepth} = state;
  state.gradientDepth = 0;
  try {
    return keepingTape(run);
  } finally {
    state.gradientDepth = gradientDepth;
  }
}
