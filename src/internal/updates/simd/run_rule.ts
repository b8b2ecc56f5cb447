import type {LoopArrays, UpdateRule} from '../rule.js';
import {type RunRule, ruleModule} from './rule_module.js';

/** Elements of a vector. */
const LANES = 4;
/** Elements that go through the memory of our own at once; all arrays of them fit into a level-2 cache. */
const CHUNK = 4096;
const PAGE = 1 << 16;

const instances = new WeakMap<WebAssembly.Memory, Map<UpdateRule, RunRule | undefined>>();
let own: WebAssembly.Memory | undefined;

/** What a rule needs of the arrays that it goes through from their first element to their last. */
export type WholeArrays = Omit<LoopArrays, 'from' | 'gradientFrom' | 'length'>;

/** `rule.loop` on whole arrays, four elements at once where WebAssembly can. `heap` is the memory that they lie in. */
export function runRule(
  rule: UpdateRule,
  arrays: WholeArrays,
  constants: Record<string, number>,
  heap?: WebAssembly.Memory,
): void {
  const done = heap === undefined ? throughOwnMemory(rule, arrays, constants) : inPlace(rule, arrays, constants, heap);
  const length = arrays.out.length - done;
  if (length > 0) rule.loop({...arrays, from: done, gradientFrom: done, length}, constants);
}

/** The number of elements that were updated. */
function inPlace(
  rule: UpdateRule,
  arrays: WholeArrays,
  constants: Record<string, number>,
  heap: WebAssembly.Memory,
): number {
  const run = instanceOf(rule, heap);
  if (run === undefined) return 0;
  const length = floorToLanes(arrays.out.length);
  const {parameter, gradient, out, slots} = arrays;
  const addresses = [parameter, gradient, out, ...slots].map(({byteOffset}) => byteOffset);
  run(...addresses, 4 * length, ...rule.constants.map(name => constants[name]));
  return length;
}

function throughOwnMemory(rule: UpdateRule, arrays: WholeArrays, constants: Record<string, number>): number {
  const length = floorToLanes(arrays.out.length);
  const memory = ownMemory(rule);
  const run = length > 0 && memory !== undefined ? instanceOf(rule, memory) : undefined;
  if (run === undefined) return 0;
  const {parameter, gradient, out, slots} = arrays;
  const values = rule.constants.map(name => constants[name]);
  const read = [parameter, gradient, ...slots];
  const views = read.map((_, i) => new Float32Array(memory!.buffer, 4 * CHUNK * i, CHUNK));
  const [p, g, ...states] = views.map(({byteOffset}) => byteOffset);
  for (let from = 0; from < length; from += CHUNK) {
    const count = Math.min(CHUNK, length - from);
    read.forEach((array, i) => {
      views[i].set(array.subarray(from, from + count));
    });
    run(p, g, p, ...states, 4 * count, ...values);
    out.set(views[0].subarray(0, count), from);
    slots.forEach((slot, i) => {
      slot.set(views[2 + i].subarray(0, count), from);
    });
  }
  return length;
}

const floorToLanes = (length: number): number => length - (length % LANES);

function ownMemory(rule: UpdateRule): WebAssembly.Memory | undefined {
  if (typeof WebAssembly === 'undefined') return undefined;
  const pages = Math.ceil((4 * CHUNK * (2 + rule.slots.length)) / PAGE);
  own ??= new WebAssembly.Memory({initial: pages});
  const missing = pages - own.buffer.byteLength / PAGE;
  if (missing > 0) own.grow(missing);
  return own;
}

/** `undefined` where WebAssembly lacks vectors, the memory is one that threads share, or a page may not compile. */
function instanceOf(rule: UpdateRule, memory: WebAssembly.Memory): RunRule | undefined {
  const rules = instances.get(memory) ?? new Map<UpdateRule, RunRule | undefined>();
  instances.set(memory, rules);
  if (!rules.has(rule)) rules.set(rule, instantiate(rule, memory));
  return rules.get(rule);
}

function instantiate(rule: UpdateRule, memory: WebAssembly.Memory): RunRule | undefined {
  const bytes = ruleModule(rule) as Uint8Array<ArrayBuffer>;
  try {
    const module = new WebAssembly.Module(bytes);
    return new WebAssembly.Instance(module, {env: {memory}}).exports.run as RunRule;
  } catch {
    return undefined;
  }
}
