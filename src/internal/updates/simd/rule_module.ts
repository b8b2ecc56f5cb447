import type {UpdateRule} from '../rule.js';
import {F32X4, I32, i32Constant, localGet, localSet, loopUntil, moduleOf, V128} from './encoding.js';
import {compileFormula} from './formula.js';

/** Bytes of four floats. */
const STRIDE = 16;

/**
 * Carries the rule out in place of memory: addresses of parameter, gradient, new parameter and slots, the length in
 * bytes, a multiple of 16, and the constants.
 */
export type RunRule = (...numbers: number[]) => void;

/** The rule as a WebAssembly module: one pass over all arrays, four elements at a time. */
export function ruleModule(rule: UpdateRule): Uint8Array {
  const written = ['p', ...rule.slots];
  const addresses = {p: 0, g: 1, out: 2, ...numbered(rule.slots, 3)} as Record<string, number>;
  const length = 3 + rule.slots.length;
  const constants = numbered(rule.constants, length + 1);
  const offset = length + 1 + rule.constants.length;
  const variables = numbered([...written, 'g'], offset + 1);
  const vectors = numbered(rule.constants, offset + 1 + written.length + 1);
  const scratch = offset + 1 + written.length + 1 + rule.constants.length;

  const addressOf = (name: string) => [...localGet(addresses[name]), ...localGet(offset), ...I32.add];
  const load = (name: string) => [...addressOf(name), ...V128.load, ...localSet(variables[name])];
  const store = (name: string) => [
    ...addressOf(name === 'p' ? 'out' : name),
    ...localGet(variables[name]),
    ...V128.store,
  ];
  const spread = (name: string) => [...localGet(constants[name]), ...F32X4.splat, ...localSet(vectors[name])];

  const isDone = [...localGet(offset), ...localGet(length), ...I32.greaterOrEqual];
  const body = [
    ...['g', ...written].flatMap(load),
    ...compileFormula(rule.wgsl, {variables, constants: vectors, scratch}),
    ...written.flatMap(store),
    ...[...localGet(offset), ...i32Constant(STRIDE), ...I32.add, ...localSet(offset)],
  ];
  return moduleOf({
    integers: length + 1,
    floats: rule.constants.length,
    integerLocals: 1,
    vectorLocals: written.length + 1 + rule.constants.length + 1,
    code: [...rule.constants.flatMap(spread), ...loopUntil(isDone, body)],
  });
}

const numbered = (names: readonly string[], first: number): Record<string, number> =>
  Object.fromEntries(names.map((name, i) => [name, first + i]));
