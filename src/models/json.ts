import {check} from '../internal/check.js';

/** A copy of `value` that survives JSON, in which infinities and NaN are objects. */
export function toJson<T>(value: T, what: string): T {
  checkPlain(value, what);
  return JSON.parse(JSON.stringify(value, (_, entry) => (isNonFinite(entry) ? {nonFinite: String(entry)} : entry)));
}

/** What `toJson` was given. */
export const fromJson = <T>(json: T): T =>
  JSON.parse(JSON.stringify(json), (_, entry) => (isMarked(entry) ? Number(entry.nonFinite) : entry));

function checkPlain(value: unknown, what: string): void {
  if (typeof value === 'object' && value !== null) {
    const plain = Array.isArray(value) || [Object.prototype, null].includes(Object.getPrototypeOf(value));
    check(plain, 'saveModel', `${what} to be plain data`, value);
    for (const [key, entry] of Object.entries(value)) checkPlain(entry, `${what}.${key}`);
  } else {
    check(typeof value !== 'function', 'saveModel', `${what} to be plain data`, value);
  }
}

const isNonFinite = (value: unknown): boolean => typeof value === 'number' && !Number.isFinite(value);

const isMarked = (value: unknown): value is {nonFinite: string} =>
  typeof value === 'object' && value !== null && 'nonFinite' in value;
