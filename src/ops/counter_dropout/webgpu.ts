/**
 * One invocation hashes one index in 32-bit integers, which wrap around as on the host: the same bits, no upload.
 * Writes 4 bytes an element. Needs 1 storage buffer, no features.
 */
import type {WebGPUBackend, WebGPUProgram} from '@tensorflow/tfjs-backend-webgpu';

import {mix} from '../../internal/counter_random.js';
import type {FusedKernel, Inputs} from '../../internal/kernels.js';
import type {DropoutAttrs} from './name.js';
import {dropThreshold, GOLDEN_RATIO} from './reference.js';

export const counterDropoutOnWebgpu: FusedKernel<Inputs, DropoutAttrs> = {
  backend: 'webgpu',
  unsupported: (_, {rate}) => (dropThreshold(rate) < 2 ** 32 ? undefined : 'a rate that rounds to 1'),
  run: (_, {shape, rate, seed}, backend) =>
    (backend as WebGPUBackend).runWebGPUProgram(new DropoutProgram(shape), [], 'float32', [
      {type: 'uint32', data: [mix(seed)]},
      {type: 'uint32', data: [dropThreshold(rate)]},
      {type: 'float32', data: [1 / (1 - rate)]},
    ]),
};

/** `keptWeight(index, key, threshold, kept)`: the factor of one element. */
export const KEPT_WEIGHT = /* wgsl */ `
  fn mix32(value : u32) -> u32 {
    var x = (value ^ (value >> 16u)) * 0x7feb352du;
    x = (x ^ (x >> 15u)) * 0x846ca68bu;
    return x ^ (x >> 16u);
  }
  fn keptWeight(index : u32, key : u32, threshold : u32, kept : f32) -> f32 {
    return select(0.0, kept, mix32((index * ${GOLDEN_RATIO}u) ^ key) >= threshold);
  }`;

class DropoutProgram implements WebGPUProgram {
  readonly variableNames: string[] = [];
  readonly workgroupSize: [number, number, number] = [64, 1, 1];
  readonly size = true;
  readonly uniforms = 'key : u32, threshold : u32, kept : f32,';
  readonly shaderKey = 'addonsCounterDropout';
  readonly dispatchLayout: {x: number[]};
  readonly dispatch: [number, number, number];

  constructor(readonly outputShape: number[]) {
    this.dispatchLayout = {x: outputShape.map((_, axis) => axis)};
    const groups = Math.ceil(outputShape.reduce((product, size) => product * size, 1) / this.workgroupSize[0]);
    this.dispatch = [Math.min(groups, 65535), Math.ceil(groups / 65535), 1];
  }

  getUserCode(): string {
    return /* wgsl */ `
      ${KEPT_WEIGHT}
      fn main(index : i32) {
        if (index >= uniforms.size) { return; }
        result[index] = keptWeight(u32(index), uniforms.key, uniforms.threshold, uniforms.kept);
      }`;
  }
}
