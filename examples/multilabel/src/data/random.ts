/** Seeded random numbers (mulberry32): the same on every machine. */
export class Random {
  constructor(private state: number) {}

  /** Uniform in [0, 1). */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let x = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  }

  /** One of 0 … count − 1. */
  below(count: number): number {
    return Math.floor(this.next() * count);
  }

  choose<T>(items: readonly T[]): T {
    return items[this.below(items.length)];
  }

  /** 0 … count − 1 in random order (Fisher–Yates). */
  order(count: number): number[] {
    const order = Array.from({length: count}, (_, i) => i);
    for (let i = count - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [order[i], order[j]] = [order[j], order[i]];
    }
    return order;
  }
}
