/** A seed and a step count: the whole state of a layer's randomness, so that a saved run resumes exactly. */
export interface CounterState {
  seed: number;
  step: number;
}

/**
 * Hands out one 32-bit key a step. Keys of different steps or seeds give unrelated random bits; the same seed
 * repeats the same sequence.
 */
export class CounterRandom {
  private state: CounterState;

  /** Without a seed, one is drawn. */
  constructor(seed: number | null | undefined) {
    this.state = {seed: seed ?? Math.floor(Math.random() * 0x7fffffff), step: 0};
  }

  /** The key of this step; the next call gives the next one. */
  nextKey(): number {
    const {seed, step} = this.state;
    this.state.step = step + 1;
    return mix(mix(seed | 0) ^ mix((step + 0x9e3779b9) | 0));
  }

  getState(): CounterState {
    return {...this.state};
  }

  setState({seed, step}: CounterState): void {
    this.state = {seed, step};
  }
}

/** A bijection of 32-bit integers whose output bits each depend on every input bit ("lowbias32", C. Wellons 2018). */
export function mix(x: number): number {
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}
