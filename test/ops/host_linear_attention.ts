/** Linear attention by its definition, in double precision: every weight of every pair of tokens. */

export interface HostLinearAttention {
  q: number[][];
  k: number[][];
  v: number[][];
  weight: (q: number[], k: number[], i: number, j: number) => number;
  causal?: boolean;
  keep?: boolean[];
  normalize?: boolean;
}

export function hostLinearAttention({q, k, v, weight, causal = false, keep, normalize = true}: HostLinearAttention) {
  return q.map((query, i) => {
    const row = new Array<number>(v[0].length).fill(0);
    let sum = 0;
    for (let j = 0; j < k.length; j++) {
      if ((causal && j > i) || keep?.[j] === false) continue;
      const w = weight(query, k[j], i, j);
      sum += w;
      v[j].forEach((value, c) => {
        row[c] += w * value;
      });
    }
    return normalize ? row.map(value => (sum === 0 ? 0 : value / sum)) : row;
  });
}

const dot = (a: number[], b: number[]): number => a.reduce((sum, x, i) => sum + x * b[i], 0);
const featureWeight =
  (map: (x: number) => number) =>
  (q: number[], k: number[]): number =>
    dot(q.map(map), k.map(map));

/** The weight of a pair under each feature map, without ε; cosformer for sequences of `length`. */
export const HOST_WEIGHTS = (length: number): Record<string, HostLinearAttention['weight']> => ({
  elu: featureWeight(x => (x > 0 ? x + 1 : Math.exp(x))),
  exp: featureWeight(Math.exp),
  relu: featureWeight(x => Math.max(x, 0)),
  identity: dot,
  cosine: (q, k) => 1 + dot(q, k) / Math.sqrt(dot(q, q) * dot(k, k)),
  cosformer: (q, k, i, j) => featureWeight(x => Math.max(x, 0))(q, k) * Math.cos((Math.PI / 2 / length) * (i - j)),
  softmax: (q, k) => dot(q.map(Math.exp), k.map(Math.exp)), // causal: the sum over channels cancels
});
