import * as tf from '@tensorflow/tfjs-core';

import {hostMemory} from '../host_memory.js';
import {matricesOf, type ProductOperands} from './product_operands.js';

/** What this file uses of the `wasm` backend. */
interface WasmBackend {
  wasm: {
    tfjs: {registerTensor(id: number, size: number, offset: number): void; disposeData(id: number): void};
    cwrap(name: string, result: null, args: readonly string[]): (...args: unknown[]) => void;
  };
  dataIdMap: {get(id: tf.DataId): {id: number; memoryOffset: number}};
  makeOutput(shape: number[], dtype: 'float32'): tf.TensorInfo;
  disposeData(id: tf.DataId): boolean;
}

/** A product of the backend: ids and shapes `[1, rows, columns]` of a and b, and the id of the output. */
type Multiply = (a: number, aShape: Uint8Array, b: number, bShape: Uint8Array, out: number) => void;

/** Ids under which parts of tensors are made known to the backend; it counts its own up from 1. */
const [LEFT, RIGHT, OUT] = [0xfffffffd, 0xfffffffe, 0xffffffff];
const BYTES = 4;

/**
 * Products of matrices on `wasm` by tfjs's fast library, which takes one untransposed product at a time: the matrices
 * of a batch are registered as tensors for the moment, and transposed ones are copied first.
 */
export function libraryProducts({a, b, transposeA, transposeB}: ProductOperands, backend: object): tf.TensorInfo {
  const wasm = backend as WasmBackend;
  const left = transposeA ? transposed(a, backend) : a;
  const right = transposeB ? transposed(b, backend) : b;
  const out = multiply(left, right, wasm);
  if (transposeA) wasm.disposeData(left.dataId);
  if (transposeB) wasm.disposeData(right.dataId);
  return out;
}

/** The last two axes exchanged. */
function transposed(x: tf.TensorInfo, backend: unknown): tf.TensorInfo {
  const axes = x.shape.map((_, axis) => axis);
  const perm = [...axes.slice(0, -2), axes[axes.length - 1], axes[axes.length - 2]];
  const {kernelFunc} = tf.getKernel('Transpose', 'wasm') as tf.KernelConfig;
  return kernelFunc({inputs: {x}, attrs: {perm}, backend: backend as tf.KernelBackend}) as tf.TensorInfo;
}

function multiply(a: tf.TensorInfo, b: tf.TensorInfo, backend: WasmBackend): tf.TensorInfo {
  const [rows, inner] = a.shape.slice(-2);
  const columns = b.shape[b.shape.length - 1];
  const [aBatch, bBatch] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
  const batch = tf.broadcast_util.assertAndGetBroadcastShape(aBatch, bBatch);
  const out = backend.makeOutput([...batch, rows, columns], 'float32');
  if (tf.util.sizeFromShape(out.shape) === 0) return out;
  if (inner === 0) {
    hostMemory(backend).view(out).fill(0);
    return out;
  }
  const [aId, bId, outId] = [a, b, out].map(({dataId}) => backend.dataIdMap.get(dataId));
  const product = productOf(backend);
  const [aShape, bShape] = [bytesOf([1, rows, inner]), bytesOf([1, inner, columns])];
  const count = tf.util.sizeFromShape(batch);
  if (count === 1) {
    product(aId.id, aShape, bId.id, bShape, outId.id); // the library keeps b prepared, as for weights
    return out;
  }
  const {tfjs} = backend.wasm;
  const [aAt, bAt] = [matricesOf(aBatch, batch), matricesOf(bBatch, batch)];
  for (let i = 0; i < count; i++) {
    tfjs.registerTensor(LEFT, rows * inner, aId.memoryOffset + aAt[i] * rows * inner * BYTES);
    tfjs.registerTensor(RIGHT, inner * columns, bId.memoryOffset + bAt[i] * inner * columns * BYTES);
    tfjs.registerTensor(OUT, rows * columns, outId.memoryOffset + i * rows * columns * BYTES);
    product(LEFT, aShape, RIGHT, bShape, OUT);
    for (const id of [LEFT, RIGHT, OUT]) tfjs.disposeData(id);
  }
  return out;
}

const products = new WeakMap<object, Multiply>();

function productOf(backend: WasmBackend): Multiply {
  const known = products.get(backend);
  if (known !== undefined) return known;
  const [id, shape, flag] = ['number', 'array', 'number'];
  const call = backend.wasm.cwrap('BatchMatMul', null, [id, shape, flag, id, shape, flag, flag, flag, id]);
  const product: Multiply = (a, aShape, b, bShape, out) => call(a, aShape, 3, b, bShape, 3, false, false, out);
  products.set(backend, product);
  return product;
}

const bytesOf = (shape: number[]): Uint8Array => new Uint8Array(new Int32Array(shape).buffer);
