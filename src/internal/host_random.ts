import {CounterRandom} from './counter_random.js';

/** Seeded random numbers in JavaScript. */
export class HostRandom {
  private readonly keys: CounterRandom;

  constructor(seed?: number) {
    this.keys = new CounterRandom(seed);
  }

  /** Uniform in (0, 1). */
  uniform(): number {
    return (this.keys.nextKey() + 0.5) / 2 ** 32;
  }

  normal(): number {
    return Math.sqrt(-2 * Math.log(this.uniform())) * Math.cos(2 * Math.PI * this.uniform());
  }

  /** A random order of 0 … n − 1 (Fisher–Yates). */
  order(n: number): number[] {
    const order = Array.from({length: n}, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = Math.floor(this.uniform() * (i + 1));
      [order[i], order[j]] = [order[j], order[i]];
    }
    return order;
  }

  /** Beta(α, α). */
  beta(alpha: number): number {
    const [a, b] = [this.gamma(alpha), this.gamma(alpha)];
    return a + b > 0 ? a / (a + b) : Number(this.uniform() < 0.5); // both underflow for α below about 0.03
  }

  /** Gamma(α, 1), α > 0 (Marsaglia & Tsang 2000). */
  private gamma(alpha: number): number {
    if (alpha < 1) return this.gamma(alpha + 1) * this.uniform() ** (1 / alpha);
    const d = alpha - 1 / 3;
    for (;;) {
      const x = this.normal();
      const v = (1 + x / Math.sqrt(9 * d)) ** 3;
      if (v > 0 && Math.log(this.uniform()) < x * x * 0.5 + d - d * v + d * Math.log(v)) return d * v;
    }
  }
}
