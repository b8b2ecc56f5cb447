/// <reference types="node" />
import type * as tf from '@tensorflow/tfjs-core';

import type {NodeBackend} from './native.js';
import {type Graph, isConstant, nodeOf, type OpNode, type Source} from './nodes.js';
import {encodeSavedModel, TAG} from './saved_model.js';

interface Loaded {
  id: number;
  users: number;
}

/** Equal graphs, such as those of equal layers, share a session of TensorFlow's. */
const sessions = new Map<string, Loaded>();

/** How many different graphs TensorFlow keeps for us. */
export const sessionsInUse = (): number => sessions.size;

/** A graph that TensorFlow has optimised and runs as a whole. */
export class Session {
  /** How many ops were recorded; TensorFlow fuses some of them. */
  readonly ops: number;
  private readonly digest: string;
  private readonly loaded: Loaded;
  private readonly fed: number[];
  private readonly feeds: string;
  private readonly fetches: string;
  private readonly fetched: number[];

  constructor(
    private readonly backend: NodeBackend,
    {inputs, nodes, outputs}: Graph,
  ) {
    const {results, copies} = nameResults(
      outputs,
      inputs.map(({name}) => name),
    );
    const ops = [...nodes.filter(node => !isConstant(node)), ...copies] as OpNode[];
    const read = new Set(ops.flatMap(node => node.inputs));
    this.ops = ops.length - copies.length;
    this.fed = inputs.flatMap(({name}, i) => (read.has(`${name}:0`) ? [i] : []));
    this.feeds = this.fed.map(i => `${inputs[i].name}:0`).join();
    const distinct = [...new Set(results)];
    this.fetches = distinct.join();
    this.fetched = results.map(result => distinct.indexOf(result));
    const graph = {inputs: this.fed.map(i => inputs[i]), nodes: [...nodes, ...copies], outputs: distinct};
    const file = encodeSavedModel(graph, backend.binding);
    this.digest = process.getBuiltinModule('node:crypto').createHash('sha256').update(file).digest('base64');
    this.loaded = sessions.get(this.digest) ?? {id: load(file, backend), users: 0};
    this.loaded.users++;
    sessions.set(this.digest, this.loaded);
  }

  /** The outputs for inputs in the order of the graph's. */
  run(inputs: readonly tf.TensorInfo[]): tf.Tensor[] {
    const ids = this.backend.getInputTensorIds(this.fed.map(i => inputs[i]));
    const results = this.backend.binding
      .runSavedModel(this.loaded.id, ids, this.feeds, this.fetches)
      .map(output => this.backend.createOutputTensor(output));
    return this.fetched.map((index, i) =>
      this.fetched.indexOf(index) === i ? results[index] : results[index].clone(),
    );
  }

  dispose(): void {
    this.loaded.users--;
    if (this.loaded.users > 0) return;
    sessions.delete(this.digest);
    this.backend.binding.deleteSavedModel(this.loaded.id);
  }
}

/** Results that are inputs, which a session does not return, as copies. */
function nameResults(outputs: readonly Source[], inputs: readonly string[]): {results: Source[]; copies: OpNode[]} {
  const copies: OpNode[] = [];
  const results = outputs.map((source): Source => {
    if (!inputs.includes(nodeOf(source))) return source;
    const name = `copy${copies.length}`;
    copies.push({name, op: 'Identity', inputs: [source], attributes: [], outputs: []});
    return `${name}:0`;
  });
  return {results, copies};
}

/** From a folder that is gone afterwards. Bundlers refuse files that import `node:…` by name. */
function load(file: Uint8Array, {binding}: NodeBackend): number {
  const {mkdtempSync, rmSync, writeFileSync} = process.getBuiltinModule('node:fs');
  const {join} = process.getBuiltinModule('node:path');
  const folder = mkdtempSync(join(process.getBuiltinModule('node:os').tmpdir(), 'tfjs-addons-graph-'));
  try {
    writeFileSync(join(folder, 'saved_model.pb'), file);
    return binding.loadSavedModel(folder, TAG);
  } finally {
    rmSync(folder, {recursive: true, force: true});
  }
}

/** Whether this is a Node that hands out its modules without a wait: 20.16, 22.3 or later. */
export const canLoad = (): boolean => typeof globalThis.process?.getBuiltinModule === 'function';
