/** Bytes of WebAssembly: the few instructions and sections that a loop over vectors of four floats needs. */

/** An unsigned integer, LEB128. */
export function unsigned(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)];
}

const vector = (opcode: number): number[] => [0xfd, ...unsigned(opcode)];

const floatBytes = (value: number): number[] => [...new Uint8Array(Float32Array.of(value).buffer)];

export const localGet = (index: number): number[] => [0x20, ...unsigned(index)];
export const localSet = (index: number): number[] => [0x21, ...unsigned(index)];
export const localTee = (index: number): number[] => [0x22, ...unsigned(index)];

/** `value` of 0 to 63. */
export const i32Constant = (value: number): number[] => [0x41, value];
export const I32 = {add: [0x6a], greaterOrEqual: [0x4f]};

/** Addresses need not be multiples of 16. */
const FOUR_BYTES_ALIGNED = [2, 0];

export const V128 = {
  load: [...vector(0x00), ...FOUR_BYTES_ALIGNED],
  store: [...vector(0x0b), ...FOUR_BYTES_ALIGNED],
  and: vector(0x4e),
  or: vector(0x50),
  constant: (value: number): number[] => [...vector(0x0c), ...[0, 1, 2, 3].flatMap(() => floatBytes(value))],
};

export const F32X4 = {
  splat: vector(0x13),
  notEqual: vector(0x42),
  less: vector(0x43),
  greater: vector(0x44),
  sqrt: vector(0xe3),
  binary: {'+': vector(0xe4), '-': vector(0xe5), '*': vector(0xe6), '/': vector(0xe7)},
};

const [I32_TYPE, F32_TYPE, V128_TYPE] = [0x7f, 0x7d, 0x7b];
const NO_RESULT = 0x40;

/** `while (!condition) body`. */
export const loopUntil = (condition: number[], body: number[]): number[] => [
  ...[0x02, NO_RESULT, 0x03, NO_RESULT],
  ...[...condition, 0x0d, 1],
  ...[...body, 0x0c, 0],
  ...[0x0b, 0x0b],
];

export interface LoopFunction {
  /** Counts of the parameters: integers, then floats. */
  integers: number;
  floats: number;
  /** Counts of the other locals, numbered after the parameters: integers, then vectors. */
  integerLocals: number;
  vectorLocals: number;
  code: number[];
}

/** A module that imports the memory `env.memory` and exports one function without result, `run`. */
export function moduleOf({integers, floats, integerLocals, vectorLocals, code}: LoopFunction): Uint8Array {
  const parameters = [...Array(integers).fill(I32_TYPE), ...Array(floats).fill(F32_TYPE)];
  const locals = [2, ...unsigned(integerLocals), I32_TYPE, ...unsigned(vectorLocals), V128_TYPE];
  const body = [...locals, ...code, 0x0b];
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, ...unsigned(parameters.length), ...parameters, 0]),
    ...section(2, [1, ...text('env'), ...text('memory'), 2, 0, 0]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...text('run'), 0, 0]),
    ...section(10, [1, ...unsigned(body.length), ...body]),
  ]);
}

const section = (id: number, content: number[]): number[] => [id, ...unsigned(content.length), ...content];

const text = (name: string): number[] => [name.length, ...[...name].map(letter => letter.charCodeAt(0))];
