import * as tf from '@tensorflow/tfjs-core';

import {check, checkInteger, checkOneOf, checkShape} from '../../internal/check.js';
import {fusedKernel, runKernelOr} from '../../internal/kernels.js';
import {checkOptions} from '../../internal/known_options.js';
import {isTaping} from '../../internal/taping.js';
import {depthwiseKernelGradientOnHost, depthwiseOnHost} from './host.js';
import {DEPTHWISE_CONV1D, DEPTHWISE_CONV1D_KERNEL_GRADIENT, type DepthwiseAttrs} from './name.js';
import {depthwiseConv1dReference, depthwiseKernelGradientReference} from './reference.js';

for (const backend of ['cpu', 'wasm']) {
  fusedKernel(DEPTHWISE_CONV1D, {...depthwiseOnHost, backend});
  fusedKernel(DEPTHWISE_CONV1D_KERNEL_GRADIENT, {...depthwiseKernelGradientOnHost, backend});
}

export type ConvolutionPadding = 'same' | 'causal';

export interface DepthwiseConv1dOptions {
  /** `'same'`: the middle tap is on the token. `'causal'`: the last tap is. Defaults to `'same'`. */
  padding?: ConvolutionPadding;
  /** Distance between taps. Defaults to 1. */
  dilationRate?: number;
}

/**
 * Depthwise convolution over tokens: each channel has a kernel of its own,
 *
 *   y[b, t, c] = Σ_k kernel[k, c] · x[b, t + k·r − offset, c],
 *
 * with zeros outside the sequence. Shifted products instead of a convolution kernel: tfjs has no gradient for
 * dilated ones and none at all on wasm.
 *
 * @param x `[B, T, C]`, float32.
 * @param kernel `[K, C]`; K is odd for `'same'`.
 * @returns `[B, T, C]`.
 * @throws RangeError for shapes that do not belong together.
 *
 * ```ts
 * const x = tf.tensor3d([[[1], [2], [3]]]);
 * tfa.depthwiseConv1d(x, tf.tensor2d([[1], [0], [0]])).print(); // the token before: 0, 1, 2
 * ```
 */
export function depthwiseConv1d(
  x: tf.Tensor3D,
  kernel: tf.Tensor2D,
  options: DepthwiseConv1dOptions = {},
): tf.Tensor3D {
  const where = 'depthwiseConv1d';
  checkOptions(options, {padding: true, dilationRate: true}, where);
  const {padding = 'same', dilationRate = 1} = options;
  check(x.rank === 3, where, 'x of shape [B, T, C]', x);
  checkShape(kernel.shape, [null, x.shape[2]], where, 'kernel');
  checkOneOf(padding, ['same', 'causal'], where, 'padding');
  checkInteger(dilationRate, where, 'dilationRate');
  const taps = kernel.shape[0];
  check(padding === 'causal' || taps % 2 === 1, where, "an odd number of taps with padding 'same'", taps);
  const reach = (taps - 1) * dilationRate;
  const before = padding === 'causal' ? reach : reach / 2;
  const attrs: DepthwiseAttrs = {taps, dilation: dilationRate, before};
  return tf.customGrad((...args) => {
    const [x, kernel, save] = args as unknown as [tf.Tensor3D, tf.Tensor2D, tf.GradSaveFunc];
    save([x, kernel]);
    return {
      value: convolve(x, kernel, attrs),
      gradFunc: (dy: tf.Tensor, [x, kernel]: tf.Tensor[]) =>
        tf.tidy(() => [
          convolve(dy as tf.Tensor3D, tf.reverse(kernel as tf.Tensor2D, 0), {...attrs, before: reach - before}),
          kernelGradient(x as tf.Tensor3D, dy as tf.Tensor3D, attrs),
        ]),
    };
  })(x, kernel) as tf.Tensor3D;
}

/** Fused kernels have no gradient of their own: second-order gradients take the composed form. */
function convolve(x: tf.Tensor3D, kernel: tf.Tensor2D, attrs: DepthwiseAttrs): tf.Tensor3D {
  const composed = () => depthwiseConv1dReference(x, kernel, attrs);
  return isTaping() ? composed() : runKernelOr(DEPTHWISE_CONV1D, {x, kernel}, attrs, composed);
}

function kernelGradient(x: tf.Tensor3D, dy: tf.Tensor3D, attrs: DepthwiseAttrs): tf.Tensor2D {
  const composed = () => depthwiseKernelGradientReference(x, dy, attrs);
  return isTaping() ? composed() : runKernelOr(DEPTHWISE_CONV1D_KERNEL_GRADIENT, {x, dy}, attrs, composed);
}
