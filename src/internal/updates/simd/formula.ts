/**
 * The WGSL of an update rule as WebAssembly for four elements at once: assignments of sums, products, quotients,
 * `sqrt` and `sign` of the rule's variables, of constants `c.name` and of literals such as `1.0`.
 */
import {F32X4, localGet, localSet, localTee, V128} from './encoding.js';

/** Where the names are: indices of locals that hold four floats. */
export interface Locals {
  variables: Record<string, number>;
  constants: Record<string, number>;
  /** For intermediate values. */
  scratch: number;
}

const TOKEN = /\s*(c\.\w+|[A-Za-z]\w*|\d+\.\d+|[-+*/()=;])\s*/y;

/** The instructions that carry out the statements of `source`. */
export function compileFormula(source: string, locals: Locals): number[] {
  const tokens = tokenize(source);
  const code: number[] = [];
  let position = 0;

  const take = (expected?: string): string => {
    const token = tokens[position++];
    if (token === undefined || (expected !== undefined && token !== expected)) {
      throw new Error(`compileFormula: expected ${expected ?? 'more'}, received ${token} in ${source}`);
    }
    return token;
  };
  const isNext = (...symbols: string[]) => symbols.includes(tokens[position]);

  function sum(): void {
    product();
    while (isNext('+', '-')) binary(product);
  }

  function product(): void {
    factor();
    while (isNext('*', '/')) binary(factor);
  }

  function binary(operand: () => void): void {
    const operator = take() as keyof typeof F32X4.binary;
    operand();
    code.push(...F32X4.binary[operator]);
  }

  function factor(): void {
    const token = take();
    if (token === '(') {
      sum();
      take(')');
    } else if (isNext('(')) {
      take('(');
      sum();
      take(')');
      code.push(...call(token, locals.scratch));
    } else code.push(...operand(token, locals));
  }

  while (position < tokens.length) {
    const target = take();
    take('=');
    sum();
    take(';');
    code.push(...localSet(find(locals.variables, target)));
  }
  return code;
}

function tokenize(source: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(source); match !== null; match = TOKEN.exec(source)) {
    tokens.push(match[1]);
    if (TOKEN.lastIndex === source.length) return tokens;
  }
  throw new Error(`compileFormula: expected a formula, received ${source}`);
}

function operand(token: string, {variables, constants}: Locals): number[] {
  if (/^\d/.test(token)) return V128.constant(Number(token));
  if (token.startsWith('c.')) return localGet(find(constants, token.slice(2)));
  return localGet(find(variables, token));
}

function call(name: string, scratch: number): number[] {
  if (name === 'sqrt') return F32X4.sqrt;
  if (name !== 'sign') throw new Error(`compileFormula: expected sqrt or sign, received ${name}`);
  const one = V128.constant(1);
  const compare = (comparison: number[]) => [...V128.constant(0), ...comparison, ...one, ...V128.and];
  const notANumber = [...localGet(scratch), ...localGet(scratch), ...F32X4.notEqual]; // all bits set, which is a NaN too
  return [
    ...localTee(scratch),
    ...compare(F32X4.greater),
    ...localGet(scratch),
    ...compare(F32X4.less),
    ...F32X4.binary['-'],
    ...notANumber,
    ...V128.or,
  ];
}

function find(locals: Record<string, number>, name: string): number {
  const index = locals[name];
  if (index === undefined) throw new Error(`compileFormula: expected one of ${Object.keys(locals)}, received ${name}`);
  return index;
}
