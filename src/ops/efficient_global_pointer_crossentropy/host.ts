/**
 * The loss of Efficient GlobalPointer by its factors on the memory of `wasm`, and on copies in a memory of our own on
 * `cpu`: assembly/factorised_span_loss.ts, one sample after another, on all threads there are. Memory is that of the
 * gradients and, for the moment and for each thread, packed keys and biases of one sample and three times 32 rows of
 * its scores, which all types share. It is exact at any scores.
 */
import * as tf from '@tensorflow/tfjs-core';

import {hostMemory} from '../../internal/host_memory.js';
import type {FusedKernel} from '../../internal/kernels.js';
import {type MaskRows, maskRows} from '../../internal/simd/mask_rows.js';
import {factorisedSpanLossModule} from '../../internal/simd/modules/factorised_span_loss.js';
import {runSimd, simdInstructions, whyNotSimd} from '../../internal/simd/run.js';
import type {Runner} from '../../internal/simd/runner.js';
import type {Workspace} from '../../internal/simd/workspace.js';
import {listedCells} from './cells.js';
import type {FactorisedAttrs, FactorisedGradientInputs, FactorisedInputs} from './name.js';

/** The exports of assembly/factorised_span_loss.ts. */
interface FactorisedFunctions {
  factorisedScratch(cells: number): number;
}

const BYTES = 4;

/** `[loss, logs]`. */
export const factorisedCrossentropyOnHost: Omit<FusedKernel<FactorisedInputs, FactorisedAttrs>, 'backend'> = {
  unsupported: whyNot,
  form: simdInstructions,
  run: (inputs, attrs, backend) =>
    tf.tidy((): never => {
      const labelled = new Labelled(inputs, attrs, backend);
      const logs = runSimd<FactorisedFunctions>(factorisedSpanLossModule, backend, (functions, space, runner) => {
        const samples = new Samples(inputs, attrs, labelled, runner, space);
        const written = space.make([samples.batch, samples.heads, 2]);
        const calls = samples.map((common, sample) => [...common, written + 2 * sample * samples.heads * BYTES]);
        runner.run('factorisedLoss', calls, functions.factorisedScratch(labelled.mostCells), samples.work);
      })[0];
      const kept = tf.engine().makeTensorFromTensorInfo(logs);
      return [tf.sum(kept, 2), kept] as never;
    }),
};

/** `[dq, dk, dBias]`. */
export const factorisedGradientOnHost: Omit<FusedKernel<FactorisedGradientInputs, FactorisedAttrs>, 'backend'> = {
  unsupported: whyNot,
  form: simdInstructions,
  run: (inputs, attrs, backend) => {
    const {q, k, bias, dy, logs} = inputs;
    const labelled = new Labelled(inputs, attrs, backend);
    return runSimd<FactorisedFunctions>(factorisedSpanLossModule, backend, (functions, space, runner) => {
      const samples = new Samples(inputs, attrs, labelled, runner, space);
      const [norms, slopes] = [logs, dy].map(x => space.read(x));
      const [dq, dk, dBias] = [space.make(q.shape), space.zeros(k.shape), space.make(bias.shape)];
      const {heads, rowBytes, biasBytes} = samples;
      const calls = samples.map((common, sample) => {
        const type = sample * heads * BYTES;
        const written = [dq + sample * rowBytes, dk + sample * rowBytes, dBias + sample * biasBytes];
        return [...common, norms + 2 * type, slopes + type, ...written];
      });
      runner.run('factorisedGradient', calls, functions.factorisedScratch(labelled.mostCells), 3 * samples.work);
    });
  },
};

function whyNot({q, k, bias}: FactorisedInputs, {form}: FactorisedAttrs): string | undefined {
  if (form === 'dense') return 'dense labels';
  if (q.size === 0 || bias.size === 0) return 'an empty tensor';
  if ([q, k, bias].some(({dtype}) => dtype !== 'float32')) return 'q, k or bias other than float32';
  return whyNotSimd(factorisedSpanLossModule, tf.backend());
}

/** The values of labels and mask, read before the kernel allocates. */
class Labelled {
  /** By sample, `[P, 3]`. */
  readonly cells: Float32Array[];
  /** Of a sample. */
  readonly mostCells: number;
  readonly mask?: MaskRows;

  constructor(
    {bias, labels, mask}: FactorisedInputs,
    {form, trilMask, maskZero}: FactorisedAttrs,
    backend: tf.KernelBackend,
  ) {
    const [batch, length, channels] = bias.shape as [number, number, number];
    const rows = mask === undefined ? undefined : maskRows(mask, backend);
    const isKept = (sample: number, token: number) =>
      rows === undefined || rows.values[sample * rows.line + token] === 1;
    const slots = labels.shape[form === 'list' ? 1 : 2] as number;
    const sizes = {batch, heads: channels / 2, length, slots};
    this.mask = rows;
    this.cells = listedCells(
      hostMemory(backend).view(labels),
      form as 'list' | 'byType',
      sizes,
      (sample, start, end) => {
        if ((trilMask && end < start) || (maskZero && start + end === 0)) return false;
        return isKept(sample, start) && isKept(sample, end);
      },
    );
    this.mostCells = Math.max(...this.cells.map(({length}) => length / 3));
  }
}

/** The samples of a call, whose common settings are configured. */
class Samples {
  readonly batch: number;
  readonly heads: number;
  /** Bytes of the queries of a sample, and of its biases. */
  readonly rowBytes: number;
  readonly biasBytes: number;
  /** Multiply-adds of the loss. */
  readonly work: number;
  private readonly operands: number[];
  private readonly mask: number;
  private readonly maskBytes: number;
  private readonly cells: number[];

  constructor(
    {q, k, bias}: FactorisedInputs,
    {scale, threshold, trilMask, maskZero}: FactorisedAttrs,
    private readonly labelled: Labelled,
    runner: Runner,
    space: Workspace,
  ) {
    const [batch, length, size] = q.shape as [number, number, number];
    this.batch = batch;
    this.heads = bias.shape[2]! / 2;
    this.rowBytes = length * size * BYTES;
    this.biasBytes = length * bias.shape[2]! * BYTES;
    this.operands = [q, k, bias].map(x => space.read(x));
    const {cells, mask} = labelled;
    this.mask = mask === undefined ? 0 : space.write(mask.values);
    this.maskBytes = mask?.rowBytes ?? 0;
    this.cells = cells.map(values => (values.length === 0 ? 0 : space.write(values)));
    this.work = batch * length ** 2 * (size + this.heads);
    runner.configure(length, size, this.heads, scale, threshold, Number(trilMask), Number(maskZero));
  }

  /** `make` of what both functions take first, and the index of the sample, for each sample. */
  map(make: (common: number[], sample: number) => number[]): number[][] {
    const [q, k, bias] = this.operands;
    const {rowBytes, biasBytes} = this;
    return Array.from({length: this.batch}, (_, sample) => {
      const rows = [q, k].map(address => address + sample * rowBytes);
      const mask = this.mask + sample * this.maskBytes;
      const count = this.labelled.cells[sample].length / 3;
      return make([...rows, bias + sample * biasBytes, mask, this.cells[sample], count], sample);
    });
  }
}
