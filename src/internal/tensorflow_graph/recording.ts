import type * as tf from '@tensorflow/tfjs-core';

import {type Binding, type NodeBackend, nativeTensors} from './native.js';
import type {GraphInput, GraphNode, Source} from './nodes.js';

/**
 * Ops that write to their inputs or come out differently each time: a graph would run them in another order, or once.
 */
const IMPURE = /Random|Inplace|Resource|Var|Assign|Empty|Print/;

/** Graphs with more constants, such as the masks of long texts, are not worth keeping a copy of them. */
const MOST_CONSTANT_BYTES = 16e6;

/** Stands where a source is unknown; such a recording is refused. */
const NOWHERE: Source = 'nowhere:0';

let active = 0;

/** Whether the ops that run now are written down. */
export const isRecording = (): boolean => active > 0;

/** The ops that TensorFlow runs for a computation, written down as nodes of a graph. */
export class Recording {
  readonly nodes: GraphNode[] = [];
  /** Why the nodes do not make a graph, if so. */
  refusal: string | undefined;
  private readonly sources = new Map<number, Source>();
  private readonly fixed = new Set<number>();
  private constantBytes = 0;

  constructor(private readonly backend: NodeBackend) {}

  /** Takes these tensors for inputs of the graph, called `<prefix>0`, `<prefix>1` … */
  addInputs(prefix: string, tensors: readonly tf.Tensor[]): GraphInput[] {
    return nativeTensors(this.backend, tensors).map(({id, shape, dtype}, i) => {
      const name = `${prefix}${i}`;
      this.sources.set(id, `${name}:0`);
      this.fixed.delete(id);
      return {name, spec: {shape, dtype}};
    });
  }

  /** Runs `compute` op by op and writes the ops down. */
  watch<T>(compute: () => T): T {
    const {backend} = this;
    const {binding} = backend;
    backend.binding = this.watching(binding);
    active++;
    try {
      return compute();
    } finally {
      active--;
      backend.binding = binding;
    }
  }

  /** Where the numbers of these tensors come from. */
  sourcesOf(tensors: readonly tf.Tensor[]): Source[] {
    return this.backend.getInputTensorIds(tensors).map(id => this.sourceOf(id, 'a result'));
  }

  /** The binding, whose own functions cannot be replaced, with three that write down first. */
  private watching(binding: Binding): Binding {
    const executeOp: Binding['executeOp'] = (op, attributes, inputIds, count) => {
      if (IMPURE.test(op)) this.refuse(`it runs ${op}`);
      const inputs = inputIds.map(id => this.sourceOf(id, `an input of ${op}`));
      const outputs = binding.executeOp(op, attributes, inputIds, count);
      const name = `op${this.nodes.length}`;
      this.nodes.push({name, op, inputs, attributes, outputs: outputs.map(({shape, dtype}) => ({shape, dtype}))});
      for (const [i, {id}] of outputs.entries()) this.sources.set(id, `${name}:${i}`);
      return outputs;
    };
    const createTensor: Binding['createTensor'] = (shape, dtype, values) => {
      const id = binding.createTensor(shape, dtype, values);
      if (!ArrayBuffer.isView(values)) {
        this.refuse('it makes a tensor of other than numbers');
        return id;
      }
      this.constantBytes += values.byteLength;
      if (this.constantBytes > MOST_CONSTANT_BYTES) this.refuse('its constants take more than 16 MB');
      const name = `constant${this.nodes.length}`;
      const content = new Uint8Array(values.buffer, values.byteOffset, values.byteLength).slice();
      this.nodes.push({name, spec: {shape: [...shape], dtype}, content});
      this.sources.set(id, `${name}:0`);
      this.fixed.add(id);
      return id;
    };
    const tensorDataSync: Binding['tensorDataSync'] = id => {
      if (!this.fixed.has(id)) this.refuse('it reads the numbers of a tensor');
      return binding.tensorDataSync(id);
    };
    return Object.create(binding, {
      executeOp: {value: executeOp},
      createTensor: {value: createTensor},
      tensorDataSync: {value: tensorDataSync},
    }) as Binding;
  }

  private sourceOf(id: number, what: string): Source {
    const source = this.sources.get(id);
    if (source === undefined) this.refuse(`${what} is a tensor from elsewhere`);
    return source ?? NOWHERE;
  }

  private refuse(reason: string): void {
    this.refusal ??= reason;
  }
}
