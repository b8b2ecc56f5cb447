import {instanceOf} from '../simd/instance.js';
import {updatesModule} from '../simd/modules/updates.js';
import type {LoopArrays, UpdateRule} from './rule.js';

/** Elements of a vector. */
const LANES = 4;
/** Elements that go through the memory of our own at once; all arrays of them fit into a level-2 cache. */
const CHUNK = 4096;
const PAGE = 1 << 16;
const MOST_PAGES = 1 << 16;

/**
 * A rule in assembly/updates.ts: addresses of parameter, gradient, new parameter and slots, the length in bytes, a
 * multiple of 16, and the constants.
 */
type RunRule = (...numbers: number[]) => void;

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
  const run = functionOf(rule, heap);
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
  const run = length > 0 && memory !== undefined ? functionOf(rule, memory) : undefined;
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
  own ??= new WebAssembly.Memory({initial: pages, maximum: MOST_PAGES});
  const missing = pages - own.buffer.byteLength / PAGE;
  if (missing > 0) own.grow(missing);
  return own;
}

/** `undefined` where WebAssembly lacks vectors, or a page may not compile. */
const functionOf = (rule: UpdateRule, memory: WebAssembly.Memory): RunRule | undefined =>
  instanceOf(updatesModule, memory)?.[rule.simd] as RunRule | undefined;
