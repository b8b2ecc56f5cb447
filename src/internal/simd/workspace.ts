import type * as tf from '@tensorflow/tfjs-core';

import {addressOf, type HostArray, heapOf, hostMemory} from '../host_memory.js';

/** The operands of a module of ours: on `wasm` where they lie, on `cpu` as copies in a memory of our own. */
export interface Workspace {
  readonly memory: WebAssembly.Memory;
  /** The address of a tensor's values, which are only read. */
  read(tensor: tf.TensorInfo): number;
  /** The address of the next output, float32; its contents are arbitrary. */
  make(shape: readonly number[]): number;
  /** The address of that many bytes. */
  scratch(bytes: number): number;
  /** The address of a copy of these numbers. */
  write(values: Float32Array): number;
  /** `make`, filled with zeros. */
  zeros(shape: readonly number[]): number;
  /** Frees the scratch memory. */
  close(): void;
  /** The outputs, in the order in which they were made. */
  outputs(): tf.TensorInfo[];
}

/** `undefined` where the backend hides its memory, or there is no WebAssembly. */
export function workspaceOf(backend: object): Workspace | undefined {
  if ('wasm' in backend) {
    const memory = heapOf(backend);
    return memory && new HeapWorkspace(memory, backend as unknown as HeapBackend);
  }
  return typeof WebAssembly === 'undefined' ? undefined : new CopyWorkspace(backend);
}

interface HeapBackend {
  makeOutput(shape: readonly number[], dtype: 'float32'): tf.TensorInfo;
  disposeData(id: tf.DataId): boolean;
}

abstract class BaseWorkspace {
  abstract readonly memory: WebAssembly.Memory;
  abstract make(shape: readonly number[]): number;
  abstract scratch(bytes: number): number;

  write(values: Float32Array): number {
    const address = this.scratch(4 * values.length);
    this.view(address, values.length).set(values);
    return address;
  }

  zeros(shape: readonly number[]): number {
    const address = this.make(shape);
    this.view(address, sizeOf(shape)).fill(0);
    return address;
  }

  /** To be used at once: the memory may grow at the next allocation, which detaches views. */
  protected view(address: number, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, address, length);
  }
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((size, side) => size * side, 1);

/** Addresses stay what they are when the heap grows. */
class HeapWorkspace extends BaseWorkspace implements Workspace {
  private readonly made: tf.TensorInfo[] = [];
  private readonly scratches: tf.TensorInfo[] = [];

  constructor(
    readonly memory: WebAssembly.Memory,
    private readonly backend: HeapBackend,
  ) {
    super();
  }

  read(tensor: tf.TensorInfo): number {
    return addressOf(this.backend, tensor);
  }

  make(shape: readonly number[]): number {
    return this.allocate(shape, this.made);
  }

  scratch(bytes: number): number {
    return this.allocate([Math.ceil(bytes / 4)], this.scratches);
  }

  close(): void {
    for (const {dataId} of this.scratches) this.backend.disposeData(dataId);
  }

  outputs(): tf.TensorInfo[] {
    return this.made;
  }

  private allocate(shape: readonly number[], list: tf.TensorInfo[]): number {
    const tensor = this.backend.makeOutput(shape, 'float32');
    list.push(tensor);
    return addressOf(this.backend, tensor);
  }
}

const PAGE = 1 << 16;
/** Above this many bytes the memory is not kept for the next call. */
const KEPT_BYTES = 1 << 26;
let kept: WebAssembly.Memory | undefined;

class CopyWorkspace extends BaseWorkspace implements Workspace {
  readonly memory = kept ?? new WebAssembly.Memory({initial: 1, maximum: 65536});
  private readonly made: {shape: number[]; address: number}[] = [];
  private end = 16; // 0 stands for an absent operand

  constructor(private readonly backend: object) {
    super();
  }

  read(tensor: tf.TensorInfo): number {
    const values: HostArray = hostMemory(this.backend).view(tensor);
    const address = this.scratch(4 * values.length);
    this.view(address, values.length).set(values);
    return address;
  }

  make(shape: readonly number[]): number {
    const address = this.scratch(4 * sizeOf(shape));
    this.made.push({shape: [...shape], address});
    return address;
  }

  scratch(bytes: number): number {
    const address = this.end;
    this.end += Math.ceil(bytes / 16) * 16;
    const missing = this.end - this.memory.buffer.byteLength;
    if (missing > 0) this.memory.grow(Math.ceil(missing / PAGE));
    return address;
  }

  close(): void {
    kept = this.memory.buffer.byteLength > KEPT_BYTES ? undefined : this.memory;
  }

  outputs(): tf.TensorInfo[] {
    const host = hostMemory(this.backend);
    return this.made.map(({shape, address}) => {
      const tensor = host.make(shape, 'float32');
      const values = host.view(tensor);
      values.set(this.view(address, values.length));
      return tensor;
    });
  }
}
