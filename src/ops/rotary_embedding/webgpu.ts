/**
 * One invocation turns one pair of channels: reads 8 bytes of x and 8 of the tables, writes one of its two channels
 * an invocation pair. Composed ops take eight dispatches. Needs 4 storage buffers, no features, no shared memory.
 */
import type {WebGPUBackend, WebGPUProgram} from '@tensorflow/tfjs-backend-webgpu';

import type {FusedKernel} from '../../internal/kernels.js';
import type {RotaryAttrs, RotaryInputs} from './name.js';
import type {RotaryLayout} from './tables.js';

export const rotaryOnWebgpu: FusedKernel<RotaryInputs, RotaryAttrs> = {
  backend: 'webgpu',
  form: (_, {apart}) => apart && `a dispatch of its own: ${apart}`,
  run: ({x, cos, sin}, {layout}, backend) => {
    const [length, channels] = x.shape.slice(-2);
    const perSample = cos.size !== (length * channels) / 2;
    const sample = perSample ? x.size / x.shape[0] : x.size;
    return (backend as WebGPUBackend).runWebGPUProgram(
      new RotaryProgram(x.shape, layout),
      [x, cos, sin],
      'float32',
      [length, channels, sample].map(value => ({type: 'int32', data: [value]})),
    );
  },
};

class RotaryProgram implements WebGPUProgram {
  readonly variableNames = ['x', 'cosines', 'sines'];
  readonly workgroupSize: [number, number, number] = [64, 1, 1];
  readonly size = true;
  readonly uniforms = 'tokens : i32, channels : i32, sample : i32,';
  readonly dispatchLayout: {x: number[]};
  readonly dispatch: [number, number, number];
  readonly shaderKey: string;

  constructor(
    readonly outputShape: number[],
    private readonly layout: RotaryLayout,
  ) {
    this.dispatchLayout = {x: outputShape.map((_, axis) => axis)};
    const groups = Math.ceil(outputShape.reduce((product, size) => product * size, 1) / 64);
    this.dispatch = [Math.min(groups, 65535), Math.ceil(groups / 65535), 1];
    this.shaderKey = `addonsRotary_${layout}`;
  }

  getUserCode(): string {
    const half = this.layout === 'half';
    return /* wgsl */ `
      fn main(index : i32) {
        if (index >= uniforms.size) { return; }
        let pairs = uniforms.channels / 2;
        let row = index / uniforms.channels;
        let channel = index % uniforms.channels;
        let pair = ${half ? 'channel % pairs' : 'channel / 2'};
        let isSecond = ${half ? 'channel >= pairs' : 'channel % 2 == 1'};
        let other = index + select(1, -1, isSecond) * ${half ? 'pairs' : '1'};
        let tableRow = (index / uniforms.sample) * uniforms.tokens + row % uniforms.tokens;
        let angle = tableRow * pairs + pair;
        // What tfjs cast from bool or int32 arrives as such.
        let turned = select(-1.0, 1.0, isSecond) * f32(x[other]) * sines[angle];
        result[index] = f32(x[index]) * cosines[angle] + turned;
      }`;
  }
}
