/** Functions of tensors as TensorFlow graphs: what they run is recorded once, for inputs of these shapes. */
import * as tf from '@tensorflow/tfjs-core';

import {offTape} from '../taping.js';
import type {NodeBackend} from './native.js';
import {
  type Graph,
  type GraphInput,
  type GraphNode,
  indexOf,
  isConstant,
  neededNodes,
  nodeOf,
  outputsOf,
  type Source,
} from './nodes.js';
import {Recording} from './recording.js';

/** Why a computation is no graph, in words. */
export class NoGraph {
  constructor(readonly reason: string) {}
}

/** The forward pass and, of training, the backward pass. */
export interface Traced {
  results: number;
  graphs: Graph[];
}

/** One graph, from inputs to results. */
export function traceForward(
  backend: NodeBackend,
  inputs: readonly tf.Tensor[],
  compute: () => tf.Tensor[],
): Traced | NoGraph {
  return inScope(() => {
    const recording = new Recording(backend);
    const given = recording.addInputs('in', inputs);
    const outputs = recording.watch(() => recording.sourcesOf(compute()));
    if (recording.refusal !== undefined) return new NoGraph(recording.refusal);
    const graph = {inputs: given, nodes: neededNodes(recording.nodes, outputs), outputs};
    return {results: outputs.length, graphs: [graph]};
  });
}

/**
 * Two graphs: from inputs to results and what is held, and from inputs, slopes of the results and what is held to the
 * gradients.
 *
 * @param inputs What is differentiated for, and after that
 * @param constants what is not.
 */
export function traceTraining(
  backend: NodeBackend,
  inputs: readonly tf.Tensor[],
  constants: readonly tf.Tensor[],
  compute: () => tf.Tensor[],
): Traced | NoGraph {
  return inScope(() => {
    const recording = new Recording(backend);
    const given = recording.addInputs('in', [...inputs, ...constants]);
    let outputs: Source[] = [];
    let slopes: GraphInput[] = [];
    let forwardNodes = 0;
    const through = (): tf.Tensor => {
      const results = compute();
      outputs = recording.sourcesOf(results);
      const dys = results.map(result => tf.zerosLike(result)); // by an op, not from numbers that would be constants
      slopes = recording.addInputs('slope', dys);
      forwardNodes = recording.nodes.length;
      return withSlopes(results, dys);
    };
    const gradients = recording.watch(() => {
      const {grads} = offTape(() => tf.engine().gradients(through, [...inputs], undefined, true));
      return recording.sourcesOf(grads.map((gradient, i) => gradient ?? tf.zerosLike(inputs[i])));
    });
    if (recording.refusal !== undefined) return new NoGraph(recording.refusal);
    const graphs = cut(recording.nodes, forwardNodes, {given, slopes, outputs, gradients});
    return {results: outputs.length, graphs};
  });
}

/** As `tf.tidy`, which would look for tensors in all the constants of the result. */
function inScope<T>(run: () => T): T {
  let result: T;
  tf.tidy(() => {
    result = run();
  });
  return result!;
}

/** A number whose gradients for `results` are `slopes`. */
const withSlopes = (results: tf.Tensor[], slopes: tf.Tensor[]): tf.Tensor =>
  tf.customGrad((...args) => {
    (args[args.length - 1] as tf.GradSaveFunc)(slopes);
    return {value: tf.scalar(0), gradFunc: (_: tf.Tensor, saved: tf.Tensor[]) => saved.map(slope => slope.clone())};
  })(...results);

interface Ends {
  given: GraphInput[];
  slopes: GraphInput[];
  outputs: Source[];
  gradients: Source[];
}

function cut(nodes: readonly GraphNode[], at: number, {given, slopes, outputs, gradients}: Ends): Graph[] {
  const before = new Map(nodes.slice(0, at).map(node => [node.name, node]));
  const isHeld = (source: Source): boolean => {
    const node = before.get(nodeOf(source));
    return node !== undefined && !isConstant(node);
  };
  const after = neededNodes(nodes.slice(at), gradients);
  const reads = [...after.flatMap(node => (isConstant(node) ? [] : node.inputs)), ...gradients];
  const held = [...new Set(reads.filter(isHeld))];
  const rename = (source: Source): Source => (isHeld(source) ? `held${held.indexOf(source)}:0` : source);
  const heldInputs = held.map((source, i) => ({
    name: `held${i}`,
    spec: outputsOf(before.get(nodeOf(source))!)[indexOf(source)],
  }));
  const constants = neededNodes([...before.values()].filter(isConstant), reads);
  const forward = {
    inputs: given,
    nodes: neededNodes([...before.values()], [...outputs, ...held]),
    outputs: [...outputs, ...held],
  };
  const backward = {
    inputs: [...given, ...slopes, ...heldInputs],
    nodes: [...constants, ...after.map(node => (isConstant(node) ? node : {...node, inputs: node.inputs.map(rename)}))],
    outputs: gradients.map(rename),
  };
  return [forward, backward];
}
