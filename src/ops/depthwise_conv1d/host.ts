/**
 * Depthwise convolution on the memory of `wasm`, and on copies in a memory of our own on `cpu`: assembly/depthwise.ts,
 * one sample after another, forward on all threads there are. The shifted copies of x that the composed form makes are
 * not made.
 */
import * as tf from '@tensorflow/tfjs-core';

import {whyNotFloats} from '../../internal/float_inputs.js';
import type {FusedKernel} from '../../internal/kernels.js';
import {depthwiseModule} from '../../internal/simd/modules/depthwise.js';
import {runSimd, simdInstructions, whyNotSimd} from '../../internal/simd/run.js';
import type {DepthwiseAttrs, DepthwiseGradientInputs, DepthwiseInputs} from './name.js';

/** The exports of assembly/depthwise.ts. */
interface DepthwiseFunctions {
  kernelGradientScratch(channels: number, taps: number): number;
  depthwiseKernelGradient(...addressesAndSizes: number[]): void;
}

const BYTES = 4;

export const depthwiseOnHost: Omit<FusedKernel<DepthwiseInputs, DepthwiseAttrs>, 'backend'> = {
  unsupported: whyNot,
  form: simdInstructions,
  run: ({x, kernel}, attrs, backend) =>
    runSimd(depthwiseModule, backend, (_, space, runner) => {
      const [read, weights, written] = [space.read(x), space.read(kernel), space.make(x.shape)];
      const calls = samples(x).map(at => [read + at, weights, written + at, ...sizes(x, attrs)]);
      runner.run('depthwise', calls, 0, x.size * attrs.taps);
    })[0],
};

export const depthwiseKernelGradientOnHost: Omit<FusedKernel<DepthwiseGradientInputs, DepthwiseAttrs>, 'backend'> = {
  unsupported: whyNot,
  form: simdInstructions,
  run: ({x, dy}, attrs, backend) =>
    runSimd<DepthwiseFunctions>(depthwiseModule, backend, (functions, space) => {
      const channels = x.shape[2] as number;
      const [read, slopes] = [x, dy].map(operand => space.read(operand));
      const gradient = space.zeros([attrs.taps, channels]);
      const scratch = space.scratch(functions.kernelGradientScratch(channels, attrs.taps));
      for (const at of samples(x)) {
        functions.depthwiseKernelGradient(read + at, slopes + at, gradient, ...sizes(x, attrs), scratch);
      }
    })[0],
};

function whyNot(inputs: DepthwiseInputs | DepthwiseGradientInputs): string | undefined {
  return whyNotFloats(inputs) ?? whyNotSimd(depthwiseModule, tf.backend());
}

/** Where each sample begins, in bytes. */
const samples = ({shape: [batch], size}: tf.Tensor): number[] =>
  Array.from({length: batch}, (_, sample) => sample * (size / batch) * BYTES);

const sizes = ({shape: [, length, channels]}: tf.Tensor, {taps, dilation, before}: DepthwiseAttrs): number[] => [
  length as number,
  channels as number,
  taps,
  dilation,
  before,
];
