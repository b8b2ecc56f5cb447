import {InvalidArgumentError} from 'commander';

/** A whole number of at least 1. */
export function positiveInteger(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1) throw new InvalidArgumentError('Expected a whole number of at least 1.');
  return value;
}

/** A whole number of at least 0. */
export function seed(text: string): number {
  if (!/^\d+$/.test(text) || Number(text) > 0x7fffffff) {
    throw new InvalidArgumentError('Expected a whole number from 0 to 2147483647.');
  }
  return Number(text);
}

/** An even number, as rotary positions turn pairs of channels. */
export function evenInteger(text: string): number {
  const value = positiveInteger(text);
  if (value % 2) throw new InvalidArgumentError('Expected an even number.');
  return value;
}

export function positiveNumber(text: string): number {
  const value = parseNumber(text);
  if (!(value > 0)) throw new InvalidArgumentError('Expected a number above 0.');
  return value;
}

export function nonNegativeNumber(text: string): number {
  const value = parseNumber(text);
  if (!(value >= 0)) throw new InvalidArgumentError('Expected a number of at least 0.');
  return value;
}

/** A share, less than all. */
export function share(text: string): number {
  const value = parseNumber(text);
  if (!(value >= 0 && value < 1)) throw new InvalidArgumentError('Expected a number from 0 to below 1.');
  return value;
}

function parseNumber(text: string): number {
  const value = text.trim() ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : Number.NaN;
}
