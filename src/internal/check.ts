/** Argument checks shared by layers, ops, losses and optimizers. */

/** Throws `<where>: expected <expected>, received <received>. <hint>` unless `ok`. */
export function check(ok: boolean, where: string, expected: string, received: unknown, hint = ''): asserts ok {
  if (ok) return;
  throw new RangeError(`${where}: expected ${expected}, received ${show(received)}.${hint && ` ${hint}`}`);
}

/** A whole number of at least `least`. */
export function checkInteger(value: number, where: string, name: string, least = 1): void {
  const bound = least === 1 ? 'a positive integer' : `an integer ≥ ${least}`;
  check(Number.isInteger(value) && value >= least, where, `${name} to be ${bound}`, value);
}

/** A finite number in `[low, high]`; the ends are excluded where `open` says so. */
export function checkRange(
  value: number,
  where: string,
  name: string,
  [low, high]: readonly [number, number],
  open: {low?: boolean; high?: boolean} = {},
): void {
  const ok =
    typeof value === 'number' &&
    (open.low ? value > low : value >= low) &&
    (open.high ? value < high : value <= high) &&
    !Number.isNaN(value);
  const range = `${open.low ? '(' : '['}${low}, ${high}${open.high ? ')' : ']'}`;
  check(ok, where, `${name} in ${range}`, value);
}

/** One of the names of an enumeration. */
export function checkOneOf<T extends string>(
  value: string,
  names: readonly T[],
  where: string,
  name: string,
): asserts value is T {
  check((names as readonly string[]).includes(value), where, `${name} to be one of ${names.join(', ')}`, value);
}

/** An exact shape, in which `null` stands for any size. */
export function checkShape(
  actual: readonly (number | null)[],
  expected: readonly (number | null)[],
  where: string,
  name: string,
  hint = '',
): void {
  const ok =
    actual.length === expected.length && expected.every((size, axis) => size === null || actual[axis] === size);
  check(ok, where, `${name} of shape [${expected.map(size => size ?? '?').join(', ')}]`, {shape: actual}, hint);
}

/** What a person needs to see of a value in an error: a tensor by dtype and shape, the rest as JSON. */
function show(value: unknown): string {
  if (value === undefined) return 'undefined';
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  if (typeof value === 'function') return `function ${value.name || '(anonymous)'}`;
  if (isShaped(value)) {
    const shape = `[${value.shape.map(size => size ?? '?').join(', ')}]`;
    return value.dtype === undefined ? `shape ${shape}` : `${value.dtype} of shape ${shape}`;
  }
  return JSON.stringify(value) ?? String(value);
}

function isShaped(value: unknown): value is {shape: readonly (number | null)[]; dtype?: string} {
  return typeof value === 'object' && value !== null && Array.isArray((value as {shape?: unknown}).shape);
}

/** The width `name` of what `pBias: 'rotary'` rotates. */
export function checkRotarySize(pBias: string | null, size: number, where: string, name: string): void {
  const hint = 'Rotation acts on pairs of channels.';
  check(pBias !== 'rotary' || size % 2 === 0, where, `an even ${name} with pBias 'rotary'`, size, hint);
}
