/**
 * Compute dispatches with several or in-place outputs, which the WebGPU backend's own `runWebGPUProgram` lacks.
 *
 * They are recorded into the backend's command encoder, so they keep their order among its programs. The members
 * used are those of tfjs-backend-webgpu 4.22; `canDispatch` looks for them.
 */
import * as tf from '@tensorflow/tfjs-core';

import {flatGrid, INVOCATION, ROWS} from './webgpu_rows.js';

interface TensorData {
  resource: GPUBuffer | null;
  values: unknown;
  dtype: string;
  shape: number[];
  refCount: number;
}

/** The part of WebGPUBackend that is used here. */
export interface DispatchBackend {
  device: GPUDevice;
  queue: GPUQueue;
  tensorMap: {get(id: tf.DataId): TensorData; set(id: tf.DataId, data: TensorData): void};
  bufferManager: {acquireBuffer(size: number, usage: number): GPUBuffer};
  commandEncoder: GPUCommandEncoder | null;
  computePassEncoder: GPUComputePassEncoder | null;
  commandQueueOwnedIds: WeakSet<tf.DataId>;
  uniformPendingDisposal: GPUBuffer[];
  dispatchCountInPass: number;
  makeTensorInfo(shape: number[], dtype: tf.DataType): tf.TensorInfo;
  uploadToGPU(id: tf.DataId): void;
  ensureCommandEncoderReady(): void;
  endComputePassEncoder(): void;
  submitQueue(): void;
  disposeData(id: tf.DataId): boolean;
}

export interface Dispatch {
  /** Names the source: two dispatches with one key share a pipeline. */
  key: string;
  /** WGSL with bindings in group 0: reads, writes, then the uniforms; entry point `main`. */
  code(): string;
  reads: tf.TensorInfo[];
  writes: tf.TensorInfo[];
  uniforms: UniformBuffer;
  workgroups: [number, number?, number?];
}

/** A uniform buffer of this command submission. */
export type UniformBuffer = GPUBuffer;

const MEMBERS = ['device', 'tensorMap', 'bufferManager', 'commandQueueOwnedIds', 'uniformPendingDisposal'] as const;
const METHODS = [
  'makeTensorInfo',
  'uploadToGPU',
  'ensureCommandEncoderReady',
  'endComputePassEncoder',
  'submitQueue',
  'disposeData',
] as const;

/** Whether this version of the backend has what a dispatch needs. */
export function canDispatch(backend: unknown): backend is DispatchBackend {
  const fields = backend as Record<string, unknown>;
  return MEMBERS.every(name => fields[name] != null) && METHODS.every(name => typeof fields[name] === 'function');
}

/**
 * Why the current backend cannot dispatch on tensors of up to that many elements, in words; `undefined` when it can.
 */
export function whyNotDispatch(elements = 0): string | undefined {
  const backend = tf.backend();
  if (!canDispatch(backend)) return 'this version of tfjs-backend-webgpu lacks a member that dispatches need';
  const most = backend.device.limits.maxStorageBufferBindingSize;
  return 4 * elements > most ? 'a tensor larger than the device can bind' : undefined;
}

/** Uniforms of one dispatch: the backend takes the buffer back after the submission, which any dispatch may cause. */
export function uniformBuffer(backend: DispatchBackend, words: Float32Array | Int32Array): UniformBuffer {
  const buffer = acquireUniforms(backend, words);
  backend.uniformPendingDisposal.push(buffer);
  return buffer;
}

/** Uniforms of several dispatches: the backend gets the buffer when the last one is recorded. */
export function sharedUniforms(
  backend: DispatchBackend,
  words: Float32Array | Int32Array,
  record: (uniforms: UniformBuffer) => void,
): void {
  const buffer = acquireUniforms(backend, words);
  record(buffer);
  backend.uniformPendingDisposal.push(buffer);
}

function acquireUniforms(backend: DispatchBackend, words: Float32Array | Int32Array): UniformBuffer {
  const size = Math.ceil(words.byteLength / 16) * 16;
  const buffer = backend.bufferManager.acquireBuffer(size, GPUBufferUsage.COPY_DST | GPUBufferUsage.UNIFORM);
  backend.queue.writeBuffer(buffer, 0, words as Float32Array<ArrayBuffer>);
  return buffer;
}

/** Records one dispatch. */
export function dispatch(backend: DispatchBackend, {reads, ...rest}: Dispatch): void {
  const numbers = reads.map(tensor => asNumbers(backend, tensor, rest.uniforms));
  record(backend, {...rest, reads: numbers});
  for (const [i, {dataId}] of numbers.entries()) if (numbers[i] !== reads[i]) backend.disposeData(dataId);
  if (backend.dispatchCountInPass < DISPATCHES_A_SUBMISSION) return;
  backend.endComputePassEncoder();
  backend.submitQueue();
}

/** Records it without submitting, as that would give the uniforms of a dispatch that is still to come to another. */
function record(backend: DispatchBackend, {key, code, reads, writes, uniforms, workgroups}: Dispatch): void {
  const {pipeline, layout} = pipelineOf(backend.device, key, code, reads.length, writes.length);
  const buffers = [...reads, ...writes].map(tensor => bufferBinding(backend, tensor));
  const entries = [...buffers, {buffer: uniforms}].map((resource, binding) => ({binding, resource}));
  const bindGroup = backend.device.createBindGroup({layout, entries});
  backend.ensureCommandEncoderReady();
  backend.computePassEncoder ??= backend.commandEncoder!.beginComputePass();
  const pass = backend.computePassEncoder;
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, bindGroup);
  pass.dispatchWorkgroups(...workgroups);
  for (const {dataId} of writes) backend.tensorMap.get(dataId).values = null; // a copy that an earlier data() left
  backend.dispatchCountInPass++;
}

/**
 * The tensor, or where it is float32 by name only a copy in floats: tfjs casts bool and int32 to float32 by giving
 * their buffer another name.
 *
 * @param uniforms Any: the layout of a dispatch has a place for them.
 */
function asNumbers(backend: DispatchBackend, tensor: tf.TensorInfo, uniforms: UniformBuffer): tf.TensorInfo {
  if (tensor.dtype !== 'float32' || backend.tensorMap.get(tensor.dataId).dtype === 'float32') return tensor;
  const floats = backend.makeTensorInfo(tensor.shape, 'float32');
  const size = tensor.shape.reduce((product, axis) => product * axis, 1);
  record(backend, {
    key: 'addonsFloats',
    code: () => TO_FLOATS,
    reads: [tensor],
    writes: [floats],
    uniforms,
    workgroups: flatGrid(size),
  });
  return floats;
}

const TO_FLOATS = /* wgsl */ `
  @group(0) @binding(0) var<storage, read> integers : array<i32>;
  @group(0) @binding(1) var<storage, read_write> floats : array<f32>;
  @compute @workgroup_size(${ROWS})
  fn main(
    @builtin(workgroup_id) place : vec3u,
    @builtin(num_workgroups) places : vec3u,
    @builtin(local_invocation_index) lane : u32,
  ) {
    let at = ${INVOCATION};
    if (at < arrayLength(&integers)) { floats[at] = f32(integers[at]); }
  }`;

/** A dispatch whose buffers are bound by name. */
export interface NamedDispatch extends Omit<Dispatch, 'reads' | 'writes'> {
  /** In the order of the source: those that are read, then those that are written. */
  bindings: readonly {name: string; written?: boolean}[];
  tensors: Readonly<Record<string, tf.TensorInfo>>;
}

/** Records one dispatch with the tensors that its bindings name. */
export function dispatchByName(backend: DispatchBackend, {bindings, tensors, ...rest}: NamedDispatch): void {
  const named = (written: boolean) =>
    bindings.filter(binding => (binding.written ?? false) === written).map(({name}) => tensors[name]);
  dispatch(backend, {...rest, reads: named(false), writes: named(true)});
}

/** The backend's own number. */
const DISPATCHES_A_SUBMISSION = 15;

/** Bound with its exact size, which is what `arrayLength` sees. */
function bufferBinding(backend: DispatchBackend, {dataId, shape}: tf.TensorInfo): GPUBufferBinding {
  backend.uploadToGPU(dataId);
  backend.commandQueueOwnedIds.add(dataId);
  return {buffer: backend.tensorMap.get(dataId).resource!, size: 4 * shape.reduce((size, axis) => size * axis, 1)};
}

/**
 * The tensor's buffer under a new identity, for a kernel that wrote into its input to return as output. A read of
 * the old tensor that is still under way can then not bring its values back.
 */
export function adoptBuffer(backend: DispatchBackend, {dataId, shape, dtype}: tf.TensorInfo): tf.TensorInfo {
  const data = backend.tensorMap.get(dataId);
  const adopted = {dataId: {}, shape, dtype};
  backend.tensorMap.set(adopted.dataId, {...data, values: null, refCount: 1});
  backend.commandQueueOwnedIds.add(adopted.dataId);
  data.resource = null;
  return adopted;
}

interface Pipeline {
  pipeline: GPUComputePipeline;
  layout: GPUBindGroupLayout;
}

const pipelines = new WeakMap<GPUDevice, Map<string, Pipeline>>();

/** An explicit layout: 'auto' would drop bindings that a variant of the source does not use. */
function pipelineOf(device: GPUDevice, key: string, code: () => string, reads: number, writes: number): Pipeline {
  const cache = pipelines.get(device) ?? new Map<string, Pipeline>();
  pipelines.set(device, cache);
  const cached = cache.get(key);
  if (cached !== undefined) return cached;
  const types: GPUBufferBindingType[] = [
    ...new Array<GPUBufferBindingType>(reads).fill('read-only-storage'),
    ...new Array<GPUBufferBindingType>(writes).fill('storage'),
    'uniform',
  ];
  const layout = device.createBindGroupLayout({
    entries: types.map((type, binding) => ({binding, visibility: GPUShaderStage.COMPUTE, buffer: {type}})),
  });
  const pipeline = device.createComputePipeline({
    label: key,
    layout: device.createPipelineLayout({bindGroupLayouts: [layout]}),
    compute: {module: device.createShaderModule({code: code(), label: key}), entryPoint: 'main'},
  });
  cache.set(key, {pipeline, layout});
  return {pipeline, layout};
}
