/** An attribute of a TensorFlow op as tfjs-node is handed it; `type` is TensorFlow's number of its kind. */
export interface OpAttribute {
  name: string;
  type: number;
  value: unknown;
}

/** Where a number comes from: `node:output`. */
export type Source = `${string}:${number}`;

/** What an output is, as TensorFlow tells it; `dtype` is TensorFlow's number of the type. */
export interface TensorSpec {
  shape: readonly number[];
  dtype: number;
}

/** One op of a graph. */
export interface OpNode {
  name: string;
  op: string;
  inputs: readonly Source[];
  attributes: readonly OpAttribute[];
  outputs: readonly TensorSpec[];
}

/** A tensor with fixed numbers. */
export interface ConstantNode {
  name: string;
  spec: TensorSpec;
  content: Uint8Array;
}

export type GraphNode = OpNode | ConstantNode;

/** A tensor that every run brings. */
export interface GraphInput {
  name: string;
  spec: TensorSpec;
}

/** What a session needs: the ops in an order in which they can run. */
export interface Graph {
  inputs: readonly GraphInput[];
  nodes: readonly GraphNode[];
  outputs: readonly Source[];
}

export const isConstant = (node: GraphNode): node is ConstantNode => 'content' in node;

export const outputsOf = (node: GraphNode): readonly TensorSpec[] => (isConstant(node) ? [node.spec] : node.outputs);

export const nodeOf = (source: Source): string => source.slice(0, source.lastIndexOf(':'));

/** Which output of its node a source is. */
export const indexOf = (source: Source): number => Number(source.slice(source.lastIndexOf(':') + 1));

/** `nodes` without those that `outputs` do not depend on. */
export function neededNodes(nodes: readonly GraphNode[], outputs: readonly Source[]): GraphNode[] {
  const needed = new Set(outputs.map(nodeOf));
  const kept: GraphNode[] = [];
  for (let i = nodes.length - 1; i >= 0; i--) {
    const node = nodes[i];
    if (!needed.has(node.name)) continue;
    kept.push(node);
    if (!isConstant(node)) for (const input of node.inputs) needed.add(nodeOf(input));
  }
  return kept.reverse();
}
