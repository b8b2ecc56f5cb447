/** TensorFlow ops by name, on the `tensorflow` backend (tfjs-node). */
import * as tf from '@tensorflow/tfjs-core';

interface Binding {
  TF_ATTR_TYPE: number;
  TF_ATTR_BOOL: number;
  TF_ATTR_INT: number;
  TF_ATTR_SHAPE: number;
  TF_ATTR_STRING: number;
  TF_FLOAT: number;
  TF_INT32: number;
  TF_INT64: number;
  TF_BOOL: number;
  TF_COMPLEX64: number;
  executeOp(name: string, attrs: object[], inputIds: number[], outputs: number): NativeTensor[];
  deleteTensor(id: number): void;
}

/** An output of TensorFlow before it is a tensor of tfjs. */
interface NativeTensor {
  id: number;
  shape: number[];
  dtype: number;
}

/** What this package uses of `NodeJSKernelBackend`. */
interface NodeBackend {
  binding: Binding;
  getInputTensorIds(inputs: tf.TensorInfo[]): number[];
  tensorMap: {set(id: tf.DataId, data: NativeTensor & {values: null; refCount: number}): void};
  executeSingleOutput(name: string, attrs: object[], inputs: tf.TensorInfo[]): tf.Tensor;
  executeMultipleOutputs(name: string, attrs: object[], inputs: tf.TensorInfo[], outputs: number): tf.Tensor[];
}

const TYPES = {
  float32: 'TF_FLOAT',
  int32: 'TF_INT32',
  int64: 'TF_INT64',
  bool: 'TF_BOOL',
  complex64: 'TF_COMPLEX64',
} as const;

/** Both sides broadcast. */
type Operand = tf.TensorInfo | number;

/** Where TensorFlow multiplies a batch of large matrices slower than each of them, by 25 to 60 % as measured. */
const isWideBatch = (a: tf.TensorInfo, b: tf.TensorInfo): boolean =>
  a.shape.length === 3 &&
  b.shape.length === 3 &&
  a.shape[0] === b.shape[0] &&
  a.shape[0] <= 8 &&
  a.shape[1] >= 512 &&
  b.shape[2] >= 1024;

const toTensor = (operand: Operand): tf.TensorInfo => (typeof operand === 'number' ? tf.scalar(operand) : operand);

/** A data type by name, a flag, an integer, a shape (−1 for a length that is open) or a text. */
export type Attribute = keyof typeof TYPES | boolean | number | readonly number[] | {text: string};

/**
 * Runs one op with one output. Attributes of the op are given by name. The results belong to the current tidy.
 * Reshape and Bitcast share the memory of their input.
 */
export class TensorflowOps {
  constructor(private readonly backend: tf.KernelBackend) {}

  run(name: string, inputs: tf.TensorInfo[], attributes: Record<string, Attribute> = {T: 'float32'}): tf.Tensor {
    const backend = this.backend as unknown as NodeBackend;
    return backend.executeSingleOutput(name, encodeAll(attributes, backend.binding), inputs);
  }

  /** Runs one op with `outputs` outputs, which may be none. */
  runMany(name: string, inputs: tf.TensorInfo[], attributes: Record<string, Attribute>, outputs: number): tf.Tensor[] {
    const backend = this.backend as unknown as NodeBackend;
    return backend.executeMultipleOutputs(name, encodeAll(attributes, backend.binding), inputs, outputs);
  }

  add = (a: Operand, b: Operand): tf.Tensor => this.run('AddV2', [toTensor(a), toTensor(b)]);
  sub = (a: Operand, b: Operand): tf.Tensor => this.run('Sub', [toTensor(a), toTensor(b)]);
  mul = (a: Operand, b: Operand): tf.Tensor => this.run('Mul', [toTensor(a), toTensor(b)]);

  /** Products of the last two axes. */
  matMul(a: tf.TensorInfo, b: tf.TensorInfo, {transposeA = false, transposeB = false} = {}): tf.Tensor {
    if (isWideBatch(a, b) && !transposeB) return this.matMulEach(a, b, transposeA);
    return this.run('BatchMatMulV2', [a, b], {T: 'float32', adj_x: transposeA, adj_y: transposeB});
  }

  /** Matrix by matrix: the parts share the memory of the whole, the products are copied together. */
  private matMulEach(a: tf.TensorInfo, b: tf.TensorInfo, transposeA: boolean): tf.Tensor {
    const [left, right] = [a, b].map(x =>
      this.runMany('Unpack', [x], {num: x.shape[0], axis: 0, T: 'float32'}, x.shape[0]),
    );
    const products = left.map((x, i) =>
      this.run('MatMul', [x, right[i]], {T: 'float32', transpose_a: transposeA, transpose_b: false}),
    );
    return this.run('Pack', products, {N: products.length, T: 'float32', axis: 0});
  }

  /**
   * The elements of `x`, or its rows, at `indices`, unchecked; `tf.gather` reads the indices, which graphs cannot do.
   */
  gather(x: tf.TensorInfo, indices: tf.TensorInfo): tf.Tensor {
    const types = {Tparams: 'float32', Tindices: 'int32', Taxis: 'int32', batch_dims: 0} as const;
    return this.run('GatherV2', [x, indices, tf.scalar(0, 'int32')], types);
  }

  /**
   * `x` with `values` added to its elements, or to its rows, at `indices` `[N]`, one after the other. In place where
   * nobody else reads `x`.
   */
  scatterAdd(x: tf.TensorInfo, indices: tf.Tensor, values: tf.TensorInfo): tf.Tensor {
    const types = {T: 'float32', Tindices: 'int32'} as const;
    return this.run('TensorScatterAdd', [x, tf.expandDims(indices, 1), values], types);
  }

  /** `x` where the condition holds, else `y`; all broadcast. */
  select(condition: tf.TensorInfo, x: Operand, y: Operand, type: 'float32' | 'int32' = 'float32'): tf.Tensor {
    return this.run('SelectV2', [condition, toTensor(x), toTensor(y)], {T: type});
  }

  /** The same numbers in another shape. */
  reshape(x: tf.TensorInfo, shape: readonly number[]): tf.Tensor {
    return this.run('Reshape', [x, tf.tensor1d([...shape], 'int32')], {T: 'float32', Tshape: 'int32'});
  }

  /**
   * Indices of the elements that are not 0, in order: `[count, rank]` int32. tfjs warns of the int64 they are first.
   */
  where(x: tf.TensorInfo): tf.Tensor2D {
    const {binding} = this.native;
    const ids = this.native.getInputTensorIds([x]);
    const [output] = binding.executeOp('Where', encodeAll({T: x.dtype as 'bool'}, binding), ids, 1);
    const found = this.adopt(output, 'int32');
    const indices = this.run('Cast', [found], {SrcT: 'int64', DstT: 'int32', Truncate: false});
    found.dispose();
    return indices as tf.Tensor2D;
  }

  /**
   * Calls `visit` with the parts of `x` along its first axis, of these sizes, one after the other and in a tidy each. A
   * part shares the memory of `x`; as a tensor, which tfjs counts as if it had memory of its own, it exists during its
   * visit.
   */
  eachPart(x: tf.TensorInfo, sizes: readonly number[], visit: (part: tf.Tensor, index: number) => void): void {
    this.eachParts([x], sizes, ([part], index) => visit(part, index));
  }

  /** The same of several tensors at a time. */
  eachParts(
    all: readonly tf.TensorInfo[],
    sizes: readonly number[],
    visit: (parts: tf.Tensor[], index: number) => void,
  ): void {
    const waiting = all.map(x => this.splitUp(x, sizes));
    try {
      for (let index = 0; index < sizes.length; index++) {
        tf.tidy(() => {
          const parts = waiting.map((parts, i) => this.adopt(parts.shift() as NativeTensor, all[i].dtype));
          visit(parts, index);
        });
      }
    } finally {
      for (const {id} of waiting.flat()) this.native.binding.deleteTensor(id);
    }
  }

  /** A tensor whose numbers are arbitrary, to be filled by `overwrite`. */
  empty(shape: readonly number[]): tf.Tensor {
    return this.run('Empty', [tf.tensor1d([...shape], 'int32')], {dtype: 'float32', init: false});
  }

  /** Writes `values` over these rows of `x`, which has to be a result of ours that nobody else holds. */
  overwrite(x: tf.TensorInfo, rows: Int32Array, values: tf.TensorInfo): void {
    tf.dispose(this.run('InplaceUpdate', [x, tf.tensor1d(rows, 'int32'), values])); // shares the memory of its first input
  }

  private splitUp(x: tf.TensorInfo, sizes: readonly number[]): NativeTensor[] {
    const {binding} = this.native;
    const attributes = encodeAll({T: x.dtype as 'float32', Tlen: 'int32', num_split: sizes.length}, binding);
    const settings = [tf.tensor1d([...sizes], 'int32'), tf.scalar(0, 'int32')];
    const parts = binding.executeOp(
      'SplitV',
      attributes,
      this.native.getInputTensorIds([x, ...settings]),
      sizes.length,
    );
    tf.dispose(settings);
    return parts;
  }

  private get native(): NodeBackend {
    return this.backend as unknown as NodeBackend;
  }

  /** The output as a tensor of tfjs. */
  private adopt(output: NativeTensor, dtype: tf.DataType): tf.Tensor {
    const dataId = {};
    this.native.tensorMap.set(dataId, {...output, values: null, refCount: 1});
    return tf.engine().makeTensorFromTensorInfo({dataId, shape: output.shape, dtype});
  }

  /** Pairs on the last axis as complex numbers, `[..., 2]` → `[...]`. */
  toComplex(pairs: tf.TensorInfo): tf.Tensor {
    return this.run('Bitcast', [pairs], {T: 'float32', type: 'complex64'});
  }

  /** Both together as `[..., 2]`. Pack would copy number by number. */
  pairs(first: tf.TensorInfo, second: tf.TensorInfo): tf.Tensor {
    return this.fromComplex(this.run('Complex', [first, second], {T: 'float32', Tout: 'complex64'}));
  }

  /** `[...]` → `[..., 2]`. */
  fromComplex(x: tf.TensorInfo): tf.Tensor {
    return this.run('Bitcast', [x], {T: 'complex64', type: 'float32'});
  }
}

const encodeAll = (attributes: Record<string, Attribute>, binding: Binding): object[] =>
  Object.entries(attributes).map(([key, value]) => ({name: key, ...encode(value, binding)}));

function encode(value: Attribute, binding: Binding): {type: number; value: unknown} {
  if (typeof value === 'boolean') return {type: binding.TF_ATTR_BOOL, value};
  if (typeof value === 'number') return {type: binding.TF_ATTR_INT, value};
  if (Array.isArray(value)) return {type: binding.TF_ATTR_SHAPE, value};
  if (typeof value === 'object') return {type: binding.TF_ATTR_STRING, value: (value as {text: string}).text};
  return {type: binding.TF_ATTR_TYPE, value: binding[TYPES[value as keyof typeof TYPES]]};
}
