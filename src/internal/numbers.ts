import * as tf from '@tensorflow/tfjs-core';

/**
 * The finite number that stands for a masked score: exp of it is 0, and arithmetic on it stays finite.
 * Infinities are not dependable inside shaders, and half floats end at 65504.
 */
export function maskedScore(): number {
  return isHalfPrecision() ? -6e4 : -1e12;
}

/** WebGL reports 16 bits also where it renders full floats, so its own flag decides there. */
function isHalfPrecision(): boolean {
  if (tf.getBackend() !== 'webgl') return tf.backend().floatPrecision() === 16;
  return !tf.env().getBool('WEBGL_RENDER_FLOAT32_ENABLED');
}

/**
 * Logits below this are absent: −Infinity and `maskedScore` of full floats, which are compared and never computed with.
 */
export const ABSENT_BELOW = -1e11;
