/** The gradients of convolutions that the wasm backend lacks. */
import * as tf from '@tensorflow/tfjs-core';

import {hostMemory} from '../host_memory.js';

type Shape4D = [number, number, number, number];
type ConvInfo = ReturnType<typeof tf.backend_util.computeConv2DInfo>;

/**
 * The kernel `Conv2DBackpropFilter`: for each tap of the filter, the window of x that the tap saw times dy, as one
 * matrix product over batch and positions.
 */
export const convolutionFilterGradient: tf.KernelFunc = ({inputs, attrs}) => {
  const {x, dy} = inputs as {x: tf.Tensor4D; dy: tf.Tensor4D};
  const {strides, pad, dataFormat, dimRoundingMode, filterShape} = attrs as unknown as tf.Conv2DBackpropFilterAttrs;
  return tf.tidy(() => {
    const toLast = (t: tf.Tensor4D): tf.Tensor4D => (dataFormat === 'NCHW' ? tf.transpose(t, [0, 2, 3, 1]) : t);
    const [image, change] = [toLast(x), toLast(dy)];
    const conv = tf.backend_util.computeConv2DInfo(image.shape, filterShape, strides, 1, pad, dimRoundingMode);
    const {filterHeight, filterWidth, inChannels, outChannels, outHeight, outWidth, strideHeight, strideWidth} = conv;
    const padded = padToWindows(image, conv);
    const changes = tf.reshape(change, [-1, outChannels]); // [B·Y·X, F]
    const taps: tf.Tensor2D[] = [];
    for (let row = 0; row < filterHeight; row++) {
      for (let column = 0; column < filterWidth; column++) {
        const end = [row + (outHeight - 1) * strideHeight + 1, column + (outWidth - 1) * strideWidth + 1];
        const window = tf.stridedSlice(
          padded,
          [0, row, column, 0],
          [conv.batchSize, ...end, inChannels],
          [1, strideHeight, strideWidth, 1],
        );
        taps.push(tf.matMul(tf.transpose(tf.reshape(window, [-1, inChannels])), changes)); // [C, F]
      }
    }
    return tf.reshape(tf.stack(taps), filterShape);
  });
};

/** Zeros around x, so that every window lies inside. */
function padToWindows(x: tf.Tensor4D, conv: ConvInfo): tf.Tensor4D {
  const {top, left} = conv.padInfo;
  const bottom = (conv.outHeight - 1) * conv.strideHeight + conv.filterHeight - top - conv.inHeight;
  const right = (conv.outWidth - 1) * conv.strideWidth + conv.filterWidth - left - conv.inWidth;
  return tf.pad(x, [
    [0, 0],
    [top, Math.max(0, bottom)],
    [left, Math.max(0, right)],
    [0, 0],
  ]);
}

/** The kernel `DepthwiseConv2dNativeBackpropFilter`. */
export const depthwiseFilterGradient: tf.KernelFunc = ({inputs, attrs, backend}) => {
  const {x, dy} = inputs as {x: tf.TensorInfo; dy: tf.TensorInfo};
  const {filterShape, ...rest} = attrs as unknown as tf.DepthwiseConv2dNativeBackpropFilterAttrs;
  const conv = depthwiseInfo(x.shape as Shape4D, filterShape, rest);
  const memory = hostMemory(backend);
  const out = memory.make(filterShape, 'float32');
  const [values, changes, filter] = [x, dy, out].map(memory.view);
  const sums = new Float64Array(filter.length);
  const {inChannels} = conv;
  const multiplier = conv.outChannels / inChannels;
  forEachWindowPixel(conv, (xAt, dyAt, filterAt) => {
    for (let c = 0, k = 0; c < inChannels; c++) {
      const value = values[xAt + c];
      for (let m = 0; m < multiplier; m++, k++) sums[filterAt + k] += value * changes[dyAt + k];
    }
  });
  filter.set(sums);
  return out;
};

/** The kernel `DepthwiseConv2dNativeBackpropInput`. */
export const depthwiseInputGradient: tf.KernelFunc = ({inputs, attrs, backend}) => {
  const {dy, filter} = inputs as {dy: tf.TensorInfo; filter: tf.TensorInfo};
  const {inputShape, ...rest} = attrs as unknown as tf.DepthwiseConv2dNativeBackpropInputAttrs;
  const conv = depthwiseInfo(inputShape, filter.shape as Shape4D, rest);
  const memory = hostMemory(backend);
  const out = memory.make(inputShape, 'float32');
  const [changes, weights, dx] = [dy, filter, out].map(memory.view);
  const {inChannels} = conv;
  const multiplier = conv.outChannels / inChannels;
  dx.fill(0);
  forEachWindowPixel(conv, (xAt, dyAt, filterAt) => {
    for (let c = 0, k = 0; c < inChannels; c++) {
      let sum = 0;
      for (let m = 0; m < multiplier; m++, k++) sum += weights[filterAt + k] * changes[dyAt + k];
      dx[xAt + c] += sum;
    }
  });
  return out;
};

const depthwiseInfo = (
  inputShape: Shape4D,
  filterShape: Shape4D,
  {strides, dilations, pad, dimRoundingMode}: Omit<tf.DepthwiseConv2dNativeBackpropFilterAttrs, 'filterShape'>,
): ConvInfo =>
  tf.backend_util.computeConv2DInfo(inputShape, filterShape, strides, dilations, pad, dimRoundingMode, true);

/** Visits each pixel of each window inside the image, with the offsets of its channels in x, dy and the filter. */
function forEachWindowPixel(conv: ConvInfo, visit: (xAt: number, dyAt: number, filterAt: number) => void): void {
  const {batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels} = conv;
  const {filterHeight, filterWidth, strideHeight, strideWidth, dilationHeight, dilationWidth, padInfo} = conv;
  for (let batch = 0; batch < batchSize; batch++) {
    for (let y = 0; y < outHeight; y++) {
      for (let row = 0; row < filterHeight; row++) {
        const inY = y * strideHeight + row * dilationHeight - padInfo.top;
        if (inY < 0 || inY >= inHeight) continue;
        for (let x = 0; x < outWidth; x++) {
          const dyAt = ((batch * outHeight + y) * outWidth + x) * outChannels;
          for (let column = 0; column < filterWidth; column++) {
            const inX = x * strideWidth + column * dilationWidth - padInfo.left;
            if (inX < 0 || inX >= inWidth) continue;
            const xAt = ((batch * inHeight + inY) * inWidth + inX) * inChannels;
            visit(xAt, dyAt, (row * filterWidth + column) * outChannels);
          }
        }
      }
    }
  }
}
