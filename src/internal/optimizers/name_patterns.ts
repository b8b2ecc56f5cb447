import {check} from '../check.js';
import {stem} from './match_saved.js';

/**
 * A regular expression, or its source, searched anywhere in a variable's name. The number that tfjs appends to a name
 * that is taken, as when a model is loaded beside another, may be there or not: `/bias$/` finds `dense/bias_1`.
 */
export type NamePattern = string | RegExp | SavedPattern;

/** tfjs rewrites the strings of a config on saving, except under the key `name`. */
interface SavedPattern {
  name: string;
  flags?: string;
}

/** Patterns of variable names, as in `exclude: ['bias', /norm/i]`. */
export class NamePatterns {
  private readonly patterns: RegExp[];

  constructor(patterns: readonly NamePattern[], where: string, argument: string) {
    check(Array.isArray(patterns), where, `${argument} to be a list of patterns`, patterns);
    this.patterns = patterns.map(pattern => toRegExp(pattern, where, argument));
  }

  matches(name: string): boolean {
    return this.patterns.some(pattern => pattern.test(name) || pattern.test(stem(name)));
  }

  get isEmpty(): boolean {
    return this.patterns.length === 0;
  }

  /** The form for `getConfig`. */
  toConfig(): SavedPattern[] {
    return this.patterns.map(({source, flags}) => (flags === '' ? {name: source} : {name: source, flags}));
  }
}

function toRegExp(pattern: NamePattern, where: string, argument: string): RegExp {
  const {name, flags} = normalise(pattern);
  check(typeof name === 'string' && name !== '', where, `${argument} to be strings or regular expressions`, pattern);
  check(!/[gy]/.test(flags ?? ''), where, `${argument} without the flags g and y`, String(pattern));
  return new RegExp(name, flags);
}

function normalise(pattern: NamePattern): SavedPattern {
  if (typeof pattern === 'string') return {name: pattern};
  if (Object.prototype.toString.call(pattern) === '[object RegExp]') {
    const {source, flags} = pattern as RegExp;
    return {name: source, flags};
  }
  return pattern as SavedPattern;
}
