import * as tf from '@tensorflow/tfjs-core';

/** Runs as where tfjs hides its memory, which takes the way of engines without SIMD. */
export function withHiddenMemory<T>(run: () => T): T {
  const {wasm} = tf.backend() as unknown as {wasm: {asm: object}};
  const {asm} = wasm;
  wasm.asm = Object.create(asm, {memory: {value: undefined}});
  try {
    return run();
  } finally {
    wasm.asm = asm;
  }
}

/** The bytes of each allocation that `run` makes on the heap of `wasm`. */
export function allocationsOf(run: () => unknown): number[] {
  const backend = tf.backend() as unknown as {makeOutput(shape: number[], ...rest: unknown[]): tf.TensorInfo};
  const {makeOutput} = backend;
  const made: number[] = [];
  backend.makeOutput = (shape, ...rest) => {
    made.push(4 * tf.util.sizeFromShape(shape));
    return makeOutput.call(backend, shape, ...rest);
  };
  try {
    run();
  } finally {
    backend.makeOutput = makeOutput;
  }
  return made;
}
