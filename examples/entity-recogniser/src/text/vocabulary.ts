import type {Random} from '../random.js';

/** Number 0 fills sentences up to the length of their batch, 1 stands for whatever training did not show. */
export const PADDING = 0;
export const UNKNOWN = 1;
const FIRST = 2;

/** Numbers for the values of one feature, the most frequent first. */
export class Vocabulary {
  private readonly numbers: ReadonlyMap<string, number>;

  /** @param entries Values with their counts in training, in the order of their numbers. */
  constructor(readonly entries: readonly (readonly [value: string, count: number])[]) {
    this.numbers = new Map(entries.map(([value], i) => [value, i + FIRST]));
  }

  /** Keeps the values that occur at least `minCount` times. */
  static of(values: Iterable<string>, minCount: number): Vocabulary {
    const counts = new Map<string, number>();
    for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
    const kept = [...counts].filter(([, count]) => count >= minCount);
    return new Vocabulary(kept.sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)));
  }

  /** Rows that an embedding needs. */
  get size(): number {
    return this.entries.length + FIRST;
  }

  numberOf(value: string): number {
    return this.numbers.get(value) ?? UNKNOWN;
  }

  /**
   * `number`, or UNKNOWN with the probability `always` + (1 − `always`) α / (α + count): with α, rare values are hidden
   * more often (Kiperwasser & Goldberg 2016).
   */
  hide(number: number, always: number, alpha: number, random: Random): number {
    if (number < FIRST) return number;
    const rare = alpha / (alpha + this.entries[number - FIRST][1]);
    return random.chance(always + (1 - always) * rare) ? UNKNOWN : number;
  }
}
