/**
 * The optimizers of this package and three of tfjs once more, in plain double precision and written from their
 * formulas alone: the judge of random nestings. Parameters are flat arrays with a shape, gradients may be missing.
 */

export interface Parameter {
  name: string;
  shape: number[];
  value: number[];
}
type Gradient = number[] | null;
type Slots = Record<string, number[]>;

const map2 = (a: number[], b: number[], f: (x: number, y: number) => number) => a.map((x, i) => f(x, b[i]));
const norm = (a: number[]) => Math.sqrt(a.reduce((sum, x) => sum + x * x, 0));
const dot = (a: number[], b: number[]) => a.reduce((sum, x, i) => sum + x * b[i], 0);
const clip = (x: number, low: number, high: number) => Math.min(Math.max(x, low), high);
const fill = (n: number, x = 0): number[] => new Array(n).fill(x);

export abstract class Model {
  rate = 0;
  protected t = 0;
  protected slots = new Map<string, Slots>();

  abstract step(parameters: Parameter[], gradients: Gradient[]): void;

  update(parameters: Parameter[], gradients: Gradient[]): void {
    this.t++;
    this.step(parameters, gradients);
  }

  reset(): void {
    this.t = 0;
    this.slots.clear();
  }

  /** The momenta of the innermost optimizer. */
  momenta(name: string): string[] {
    return ['m', 'momentum'].filter(slot => this.slots.get(name)?.[slot]);
  }

  momentum(name: string): Slots {
    return this.slots.get(name)!;
  }

  protected of(parameter: Parameter, initial: (n: number) => Slots): Slots {
    if (!this.slots.has(parameter.name)) this.slots.set(parameter.name, initial(parameter.value.length));
    return this.slots.get(parameter.name)!;
  }
}

/** A rule that treats each variable by itself. */
export class Leaf extends Model {
  constructor(
    override rate: number,
    private readonly initial: (parameter: Parameter) => Slots,
    private readonly rule: (parameter: Parameter, g: number[], slots: Slots, rate: number, t: number) => number[],
  ) {
    super();
  }

  step(parameters: Parameter[], gradients: Gradient[]): void {
    parameters.forEach((parameter, i) => {
      const slots = this.of(parameter, () => this.initial(parameter));
      const gradient = gradients[i];
      if (gradient !== null) parameter.value = this.rule(parameter, gradient, slots, this.rate, this.t);
    });
  }
}

export const sgd = (rate: number) =>
  new Leaf(
    rate,
    () => ({}),
    ({value}, g, _slots, rate) => map2(value, g, (x, g) => x - rate * g),
  );

export const momentum = (rate: number, mu: number) =>
  new Leaf(
    rate,
    ({value}) => ({momentum: fill(value.length)}),
    ({value}, g, slots, rate) => {
      slots.momentum = map2(slots.momentum, g, (m, g) => mu * m + g);
      return map2(value, slots.momentum, (x, m) => x - rate * m);
    },
  );

/** Updates m and v and returns m̂ / (√v̂ + ε). */
function adamDirection(g: number[], slots: Slots, [beta1, beta2]: number[], epsilon: number, t: number): number[] {
  slots.m = map2(slots.m, g, (m, g) => beta1 * m + (1 - beta1) * g);
  slots.v = map2(slots.v, g, (v, g) => beta2 * v + (1 - beta2) * g * g);
  return map2(slots.m, slots.v, (m, v) => m / (1 - beta1 ** t) / (Math.sqrt(v / (1 - beta2 ** t)) + epsilon));
}

const moments = ({value}: Parameter): Slots => ({m: fill(value.length), v: fill(value.length)});

export const adamW = (rate: number, betas: number[], epsilon: number, decay: number) =>
  new Leaf(rate, moments, ({value}, g, slots, rate, t) => {
    const direction = adamDirection(g, slots, betas, epsilon, t);
    return map2(value, direction, (x, d) => x - rate * d - rate * decay * x);
  });

export const lamb = (rate: number, betas: number[], epsilon: number, decay: number) =>
  new Leaf(rate, moments, ({value}, g, slots, rate, t) => {
    const u = map2(adamDirection(g, slots, betas, epsilon, t), value, (d, x) => d + decay * x);
    const ratio = norm(value) > 0 && norm(u) > 0 ? norm(value) / norm(u) : 1;
    return map2(value, u, (x, u) => x - rate * ratio * u);
  });

export const lion = (rate: number, [beta1, beta2]: number[], decay: number) =>
  new Leaf(
    rate,
    ({value}) => ({m: fill(value.length)}),
    ({value}, g, slots, rate) => {
      const u = map2(slots.m, g, (m, g) => Math.sign(beta1 * m + (1 - beta1) * g));
      slots.m = map2(slots.m, g, (m, g) => beta2 * m + (1 - beta2) * g);
      return map2(value, u, (x, u) => x - rate * (u + decay * x));
    },
  );

export const egStepSize = (rate: number, a: {momentum: number; beta: number; gain: number; scale: number}) =>
  new Leaf(
    rate,
    ({value: {length: n}}) => ({momentum: fill(n), average: fill(n), gain: fill(n, 1), scale: [1]}),
    ({value}, g, s, rate) => {
      const agreement = dot(g, s.momentum) / ((norm(g) + 1e-10) * (norm(s.momentum) + 1e-10));
      s.scale = [clip(s.scale[0] * Math.exp(a.scale * agreement), 0.1, 10)];
      const signs = map2(g, s.average, (g, m) => Math.sign(g) * Math.sign(m));
      s.gain = map2(s.gain, signs, (p, e) => clip(p * Math.exp(a.gain * e), 0.01, 100));
      s.momentum = s.momentum.map((h, i) => a.momentum * h + rate * s.gain[i] * g[i]);
      s.average = map2(s.average, g, (m, g) => a.beta * m + (1 - a.beta) * g);
      return map2(value, s.momentum, (x, h) => x - s.scale[0] * h);
    },
  );

export const signedExponentiated = (rate: number, width: number) =>
  new Leaf(
    rate,
    () => ({}),
    ({value}, g, _slots, rate) => map2(value, g, (w, g) => width * Math.sinh(Math.asinh(w / width) - rate * g)),
  );

export abstract class Wrapper extends Model {
  constructor(readonly inner: Model) {
    super();
  }

  override momenta(name: string): string[] {
    return this.inner.momenta(name);
  }

  override momentum(name: string): Slots {
    return this.inner.momentum(name);
  }

  override reset(): void {
    super.reset();
    this.inner.reset();
  }

  /** The innermost rule, which owns the rate. */
  get leaf(): Model {
    return this.inner instanceof Wrapper ? this.inner.leaf : this.inner;
  }
}

export class LookaheadModel extends Wrapper {
  private since = 0;

  constructor(
    inner: Model,
    private readonly k: number,
    private readonly alpha: number,
    private readonly state: 'maintain' | 'reset' | 'pullback',
  ) {
    super(inner);
  }

  step(parameters: Parameter[], gradients: Gradient[]): void {
    for (const p of parameters) this.of(p, () => ({slow: [...p.value]}));
    this.inner.update(parameters, gradients);
    if (++this.since < this.k) return;
    this.since = 0;
    const {alpha} = this;
    for (const p of parameters) {
      const own = this.slots.get(p.name)!;
      own.slow = map2(own.slow, p.value, (slow, fast) => slow + alpha * (fast - slow));
      p.value = [...own.slow];
      if (this.state !== 'pullback') continue;
      for (const slot of this.inner.momenta(p.name)) {
        const buffers = this.inner.momentum(p.name);
        own[slot] ??= fill(p.value.length);
        own[slot] = buffers[slot] = map2(buffers[slot], own[slot], (m, before) => alpha * m + (1 - alpha) * before);
      }
    }
    if (this.state === 'reset') this.inner.reset();
  }

  override reset(): void {
    super.reset();
    this.since = 0;
  }
}

export class ClipModel extends Wrapper {
  constructor(
    inner: Model,
    private readonly kind: 'globalNorm' | 'norm' | 'value',
    private readonly bound: number,
  ) {
    super(inner);
  }

  step(parameters: Parameter[], gradients: Gradient[]): void {
    const {bound, kind} = this;
    const all = norm(gradients.flatMap(g => g ?? []));
    const clipped = gradients.map(g => {
      if (g === null) return null;
      if (kind === 'value') return g.map(x => clip(x, -bound, bound));
      const length = kind === 'norm' ? norm(g) : all;
      return g.map(x => (x * bound) / Math.max(length, bound));
    });
    this.inner.update(parameters, clipped);
  }
}

export class AccumulateModel extends Wrapper {
  private sums: Gradient[] = [];
  private held = 0;

  constructor(
    inner: Model,
    private readonly k: number,
    private readonly reduction: 'mean' | 'sum',
  ) {
    super(inner);
  }

  step(parameters: Parameter[], gradients: Gradient[]): void {
    this.sums = gradients.map((g, i) => {
      const sum = this.sums[i] ?? null;
      return g === null || sum === null ? (g ?? sum) : map2(g, sum, (x, y) => x + y);
    });
    if (++this.held < this.k) return;
    const divisor = this.reduction === 'mean' ? this.k : 1;
    this.inner.update(
      parameters,
      this.sums.map(sum => sum?.map(x => x / divisor) ?? null),
    );
    this.sums = [];
    this.held = 0;
  }

  override reset(): void {
    super.reset();
    this.sums = [];
    this.held = 0;
  }
}

export class ScheduleModel extends Wrapper {
  constructor(
    inner: Model,
    private readonly factor: (t: number) => number,
  ) {
    super(inner);
  }

  step(parameters: Parameter[], gradients: Gradient[]): void {
    const {leaf} = this;
    const {rate} = leaf;
    leaf.rate = rate * this.factor(this.t - 1);
    this.inner.update(parameters, gradients);
    leaf.rate = rate;
  }
}

/** Wrappers that combine the values before and after the inner step. */
export class ChangeModel extends Wrapper {
  constructor(
    inner: Model,
    private readonly combine: (before: number[], after: number[], g: Gradient, parameter: Parameter) => number[],
  ) {
    super(inner);
  }

  step(parameters: Parameter[], gradients: Gradient[]): void {
    const before = parameters.map(({value}) => [...value]);
    this.inner.update(parameters, gradients);
    parameters.forEach((p, i) => {
      p.value = this.combine(before[i], p.value, gradients[i], p);
    });
  }
}

export const lazyModel = (inner: Model, chosen: (name: string) => boolean) =>
  new ChangeModel(inner, (before, after, g, {name, shape}) => {
    if (g === null || !chosen(name)) return after;
    const width = shape[shape.length - 1];
    const touched = (row: number) => g.slice(row * width, (row + 1) * width).some(x => x !== 0);
    return after.map((x, i) => (touched(Math.floor(i / width)) ? x : before[i]));
  });

export const parameterRatesModel = (inner: Model, chosen: (name: string) => boolean, factor: number) =>
  new ChangeModel(inner, (before, after, _g, {name}) =>
    chosen(name) ? map2(before, after, (x, y) => x + factor * (y - x)) : after,
  );

export class AverageModel extends Wrapper {
  constructor(
    inner: Model,
    private readonly decay: number,
    private readonly every: number,
  ) {
    super(inner);
  }

  /** The moving average that begins at the initial weights, and overwrites them. */
  step(parameters: Parameter[], gradients: Gradient[]): void {
    for (const p of parameters) this.of(p, () => ({average: [...p.value]}));
    this.inner.update(parameters, gradients);
    for (const p of parameters) {
      const own = this.slots.get(p.name)!;
      own.average = map2(own.average, p.value, (a, x) => a + (1 - this.decay) * (x - a));
      if (this.t % this.every === 0) p.value = [...own.average];
    }
  }
}

export class AdaptModel extends Wrapper {
  constructor(
    inner: Model,
    private readonly beta: number,
    private readonly gainRate: number,
    private readonly scaleRate: number,
  ) {
    super(inner);
  }

  step(parameters: Parameter[], gradients: Gradient[]): void {
    const before = parameters.map(({value}) => [...value]);
    this.inner.update(parameters, gradients);
    parameters.forEach((p, i) => {
      const s = this.of(p, n => ({gain: fill(n, 1), average: fill(n), previous: fill(n), scale: [1]}));
      const g = gradients[i];
      if (g === null) return;
      const agreement = dot(g, s.previous) / ((norm(g) + 1e-10) * (norm(s.previous) + 1e-10));
      s.scale = [clip(s.scale[0] * Math.exp(this.scaleRate * agreement), 0.1, 10)];
      s.gain = s.gain.map((p, j) =>
        clip(p * Math.exp(this.gainRate * Math.sign(g[j]) * Math.sign(s.average[j])), 0.01, 100),
      );
      s.average = map2(s.average, g, (m, g) => this.beta * m + (1 - this.beta) * g);
      s.previous = before[i].map((x, j) => s.scale[0] * s.gain[j] * (x - p.value[j]));
      p.value = map2(before[i], s.previous, (x, h) => x - h);
    });
  }
}
