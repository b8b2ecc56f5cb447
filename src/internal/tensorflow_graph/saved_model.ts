/** A graph as the file `saved_model.pb`, the one way in which tfjs-node takes a graph. */
import {
  type Graph,
  type GraphNode,
  indexOf,
  isConstant,
  nodeOf,
  type OpAttribute,
  type OpNode,
  outputsOf,
  type Source,
  type TensorSpec,
} from './nodes.js';
import {bytesField, concat, floatField, integerField, messageField} from './protobuf.js';

/** TensorFlow's numbers of the kinds of attributes, as its binding names them. */
export interface AttributeKinds {
  TF_ATTR_STRING: number;
  TF_ATTR_INT: number;
  TF_ATTR_FLOAT: number;
  TF_ATTR_BOOL: number;
  TF_ATTR_TYPE: number;
  TF_ATTR_SHAPE: number;
}

export const TAG = 'serve';

/**
 * Attributes that may be left out where an op runs at once, as tfjs-node does: TensorFlow takes them from the inputs,
 * here given by their index. A graph has to tell them.
 */
const TYPES_OF_INPUTS: Record<string, Record<string, number>> = {ExpandDims: {T: 0, Tdim: 1}, Identity: {T: 0}};

/** A version of the format that TensorFlow 2.9 knows already. */
const PRODUCER = 1000;

export function encodeSavedModel(graph: Graph, kinds: AttributeKinds): Uint8Array {
  const specs = new Map<string, readonly TensorSpec[]>();
  for (const {name, spec} of graph.inputs) specs.set(name, [spec]);
  for (const node of graph.nodes) specs.set(node.name, outputsOf(node));
  const specOf = (source: Source): TensorSpec => specs.get(nodeOf(source))![indexOf(source)];
  const nodes = [
    ...graph.inputs.map(({name, spec}) => encodePlaceholder(name, spec)),
    ...graph.nodes.map(node => encodeNode(node, specOf, kinds)),
  ];
  const graphDef = messageField(2, ...nodes, messageField(4, integerField(1, PRODUCER)));
  const metaGraph = messageField(2, messageField(1, bytesField(4, TAG)), graphDef);
  return concat([integerField(1, 1), metaGraph]);
}

const encodePlaceholder = (name: string, {dtype, shape}: TensorSpec): Uint8Array =>
  encodeNodeDef(name, 'Placeholder', [], [attribute('dtype', typeValue(dtype)), attribute('shape', shapeValue(shape))]);

function encodeNode(node: GraphNode, specOf: (source: Source) => TensorSpec, kinds: AttributeKinds): Uint8Array {
  if (isConstant(node)) {
    const {dtype, shape} = node.spec;
    const tensor = messageField(
      8,
      integerField(1, dtype),
      messageField(2, ...dimensions(shape)),
      bytesField(4, node.content),
    );
    return encodeNodeDef(node.name, 'Const', [], [attribute('dtype', typeValue(dtype)), attribute('value', tensor)]);
  }
  const given = node.attributes.map(entry => attribute(entry.name, encodeValue(entry, kinds)));
  const inferred = Object.entries(TYPES_OF_INPUTS[node.op] ?? {}).map(([name, input]) =>
    attribute(name, typeValue(specOf(node.inputs[input]).dtype)),
  );
  return encodeNodeDef(node.name, opName(node, specOf), node.inputs, [...given, ...inferred]);
}

/**
 * TensorFlow fuses a `BatchMatMulV2` with the `Add` of a broadcast mask into one oneDNN op that takes a hundred times
 * as long (docs/traps.md); it leaves the older op, which does not broadcast, alone.
 */
function opName({op, inputs}: OpNode, specOf: (source: Source) => TensorSpec): string {
  if (op !== 'BatchMatMulV2') return op;
  const [a, b] = inputs.map(input => specOf(input).shape.slice(0, -2).join());
  return a === b ? 'BatchMatMul' : op;
}

const encodeNodeDef = (name: string, op: string, inputs: readonly string[], attributes: Uint8Array[]): Uint8Array =>
  messageField(1, bytesField(1, name), bytesField(2, op), ...inputs.map(input => bytesField(3, input)), ...attributes);

const attribute = (name: string, value: Uint8Array): Uint8Array =>
  messageField(5, bytesField(1, name), bytesField(2, value));

const typeValue = (dtype: number): Uint8Array => integerField(6, dtype);

const shapeValue = (shape: readonly number[]): Uint8Array => messageField(7, ...dimensions(shape));

const dimensions = (shape: readonly number[]): Uint8Array[] =>
  shape.map(size => messageField(2, integerField(1, size)));

function encodeValue({name, type, value}: OpAttribute, kinds: AttributeKinds): Uint8Array {
  switch (type) {
    case kinds.TF_ATTR_SHAPE:
      return shapeValue(value as number[]);
    case kinds.TF_ATTR_STRING:
      return bytesField(2, value as string);
    case kinds.TF_ATTR_BOOL:
      return integerField(5, value as boolean);
    case kinds.TF_ATTR_FLOAT:
      return floatField(4, value as number);
    case kinds.TF_ATTR_INT:
      return integers(value as number | number[], 3);
    case kinds.TF_ATTR_TYPE:
      return integers(value as number | number[], 6);
    default:
      throw new Error(`attribute ${name} of kind ${type}`);
  }
}

/** One, or a list of them. */
const integers = (value: number | number[], field: number): Uint8Array =>
  Array.isArray(value)
    ? messageField(1, ...value.map(entry => integerField(field, entry)))
    : integerField(field, value);
