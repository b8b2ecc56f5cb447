/**
 * Loops over tokens, taps and channels, without the shifted copies of x that the composed form makes: reads x once a
 * tap, from cache, and writes the output.
 */
import type {HostKernel} from '../../internal/host_kernels.js';
import type {DepthwiseAttrs, DepthwiseGradientInputs, DepthwiseInputs} from './name.js';

export const depthwiseOnHost: HostKernel<DepthwiseInputs, DepthwiseAttrs> = {
  outputShapes: ({x}) => [x.shape],
  compute: ({x, kernel}, [y], attrs, {x: [batch, length, channels]}) => {
    y.fill(0);
    forEachTap(batch, length, attrs, (to, from, tap) => {
      for (let c = 0, i = to * channels, j = from * channels, k = tap * channels; c < channels; c++) {
        y[i + c] += x[j + c] * kernel[k + c];
      }
    });
  },
};

export const depthwiseKernelGradientOnHost: HostKernel<DepthwiseGradientInputs, DepthwiseAttrs> = {
  outputShapes: ({x}, {taps}) => [[taps, x.shape[2] as number]],
  compute: ({x, dy}, [gradient], attrs, {x: [batch, length, channels]}) => {
    const sums = new Float64Array(gradient.length);
    forEachTap(batch, length, attrs, (to, from, tap) => {
      for (let c = 0, i = to * channels, j = from * channels, k = tap * channels; c < channels; c++) {
        sums[k + c] += dy[i + c] * x[j + c];
      }
    });
    gradient.set(sums);
  },
};

/** Visits each token with each token that one of its taps reads, as rows of `[B · T, C]`. */
function forEachTap(
  batch: number,
  length: number,
  {taps, dilation, before}: DepthwiseAttrs,
  visit: (to: number, from: number, tap: number) => void,
): void {
  for (let sample = 0; sample < batch; sample++) {
    for (let t = 0; t < length; t++) {
      for (let tap = 0; tap < taps; tap++) {
        const source = t + tap * dilation - before;
        if (source >= 0 && source < length) visit(sample * length + t, sample * length + source, tap);
      }
    }
  }
}
