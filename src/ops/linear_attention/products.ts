/** The three products of linear attention, each linear in its inputs and each the gradient of another one. */
import * as tf from '@tensorflow/tfjs-core';

import {withCleanLanes} from '../../internal/clean_lanes.js';
import {pairwiseSum} from '../../internal/exclusive_sums.js';
import {fusedKernel, runKernelOr} from '../../internal/kernels.js';
import {isTaping} from '../../internal/taping.js';
import {causalProductOnHost} from './host.js';
import {CAUSAL_PRODUCT, CAUSAL_PRODUCT_GRADIENT, KEY_VALUE_SUMS} from './name.js';
import {causalProductGradientOnTensorflow, causalProductOnTensorflow} from './node.js';
import {bestChunk, type CausalProductAttrs, causalProductReference, intoChunks} from './reference.js';
import {causalProductOnWebgpu, keyValueSumsOnWebgpu} from './webgpu.js';

fusedKernel(CAUSAL_PRODUCT, causalProductOnTensorflow);
fusedKernel(CAUSAL_PRODUCT_GRADIENT, causalProductGradientOnTensorflow);
fusedKernel(CAUSAL_PRODUCT, causalProductOnWebgpu);
fusedKernel(KEY_VALUE_SUMS, keyValueSumsOnWebgpu);
for (const backend of ['cpu', 'wasm']) fusedKernel(CAUSAL_PRODUCT, {...causalProductOnHost, backend});

/**
 * `o_i = Σ_{j ≤ i} (q_i · k_j) v_j` in time O(T), with j ≥ i instead under `reverse`. Its gradients are the same
 * product of other operands, so that only q, k and v are held:
 *
 *   dq = P(do, v, k),   dk = Pᵣ(v, do, q),   dv = Pᵣ(k, q, do),   Pᵣ in the other direction.
 *
 * @param known The product, where it is known already and only to be differentiated.
 */
export function causalProduct(
  q: tf.Tensor3D,
  k: tf.Tensor3D,
  v: tf.Tensor3D,
  chunkSize: number | undefined,
  reverse = false,
  known?: tf.Tensor3D,
): tf.Tensor3D {
  const op = tf.customGrad((...args) => {
    const [q, k, v] = args as unknown as tf.Tensor3D[];
    (args[args.length - 1] as tf.GradSaveFunc)([q, k, v]);
    const attrs: CausalProductAttrs = {chunkSize, reverse};
    return {
      value:
        known?.clone() ?? runKernelOr(CAUSAL_PRODUCT, {q, k, v}, attrs, () => causalProductReference(q, k, v, attrs)),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [q, k, v] = saved as tf.Tensor3D[];
        const dOutput = dy as tf.Tensor3D;
        const products = () => [
          causalProduct(dOutput, v, k, chunkSize, reverse),
          causalProduct(v, dOutput, q, chunkSize, !reverse),
          causalProduct(k, q, dOutput, chunkSize, !reverse),
        ];
        return isTaping() ? products() : runKernelOr(CAUSAL_PRODUCT_GRADIENT, {q, k, v, dy}, attrs, products);
      },
    };
  });
  return op(q, k, v) as tf.Tensor3D;
}

/** `Σ_j k_j v_jᵀ`, `[G, M, D]`, added up chunk by chunk: one float32 sum over a long axis loses digits. */
export function keyValueSums(k: tf.Tensor3D, v: tf.Tensor3D, chunkSize: number | undefined): tf.Tensor3D {
  const op = tf.customGrad((...args) => {
    const [k, v] = args as unknown as tf.Tensor3D[];
    (args[args.length - 1] as tf.GradSaveFunc)([k, v]);
    const attrs = {chunkSize: chunkSize ?? bestChunk(k.shape[2], v.shape[2])};
    return {
      value: runKernelOr(KEY_VALUE_SUMS, {k, v}, attrs, () => sumOfChunks(k, v, attrs.chunkSize)),
      gradFunc: (dSums: tf.Tensor, [k, v]: tf.Tensor[]) => [
        readSums(v as tf.Tensor3D, transposed(dSums), chunkSize),
        readSums(k as tf.Tensor3D, dSums as tf.Tensor3D, chunkSize),
      ],
    };
  });
  return op(k, v) as tf.Tensor3D;
}

/** `o_i = q_iᵀ S`, `[G, T, D]`: what the queries read from the sums `[G, M, D]`. */
export function readSums(q: tf.Tensor3D, sums: tf.Tensor3D, chunkSize: number | undefined): tf.Tensor3D {
  const op = tf.customGrad((...args) => {
    const [q, sums] = args as unknown as tf.Tensor3D[];
    (args[args.length - 1] as tf.GradSaveFunc)([q, sums]);
    return {
      value: tf.tidy(() => tf.matMul(withCleanLanes(q), withCleanLanes(sums))),
      gradFunc: (dy: tf.Tensor, [q, sums]: tf.Tensor[]) => [
        readSums(dy as tf.Tensor3D, transposed(sums), chunkSize),
        keyValueSums(q as tf.Tensor3D, dy as tf.Tensor3D, chunkSize),
      ],
    };
  });
  return op(q, sums) as tf.Tensor3D;
}

const transposed = (x: tf.Tensor): tf.Tensor3D => tf.transpose(x as tf.Tensor3D, [0, 2, 1]);

function sumOfChunks(k: tf.Tensor3D, v: tf.Tensor3D, chunkSize: number): tf.Tensor3D {
  const [groups, length, features] = k.shape;
  const channels = v.shape[2];
  const rows = Math.min(length, chunkSize);
  const chunks = Math.ceil(length / rows);
  const [ks, vs] = [k, v].map(x => intoChunks(x, chunks, rows));
  const sums = tf.matMul(ks, vs, true, false); // [G·N, M, D]
  const flat = tf.reshape(sums, [groups, chunks, features * channels]) as tf.Tensor3D;
  return tf.reshape(pairwiseSum(flat), [groups, features, channels]);
}
