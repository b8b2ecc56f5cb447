/** What the source of the shaders of linear attention depends on. */
export interface Variant {
  /** Vectors of four channels in a row of features, and in one of values; the last may be partly filled. */
  features: number;
  values: number;
  /** Whether rows begin on a vector, so that buffers can be bound as vectors. */
  featuresAligned: boolean;
  valuesAligned: boolean;
  /** Whether row i sees j ≥ i instead of j ≤ i. */
  reverse: boolean;
  /** Whether there is no other chunk to be seen. */
  alone: boolean;
}

export interface Sizes {
  groups: number;
  rows: number;
  features: number;
  values: number;
  /** Rows of a chunk, a multiple of `ROWS`, and the chunks of a sequence. */
  chunk: number;
  chunks: number;
}

export const variantOf = ({features, values, chunks}: Sizes, reverse: boolean): Variant => ({
  features: Math.ceil(features / 4),
  values: Math.ceil(values / 4),
  featuresAligned: features % 4 === 0,
  valuesAligned: values % 4 === 0,
  reverse,
  alone: chunks === 1,
});

export const keyOf = (stage: string, variant: Variant): string =>
  `addonsLinearAttention_${stage}_${Object.values(variant).join('_')}`;

export const uniformsOf = ({groups, rows, features, values, chunk, chunks}: Sizes): Int32Array =>
  Int32Array.of(groups, rows, features, values, chunk, chunks);

export const UNIFORMS = /* wgsl */ `
  struct Uniforms { groups : u32, rows : u32, features : u32, values : u32, chunk : u32, chunks : u32, };`;

/** Vectors that an invocation and a tile hold: features and a piece of the values. */
const HELD_VECTORS = 64;
const TILE_VECTORS = 128;

/** The most features whose rows fit into a tile beside a piece of the values. */
export const MOST_FEATURES = 4 * (TILE_VECTORS - 32);

/** Into how many pieces the values are cut, and the vectors of each. */
export function pieceOf({features, values}: Variant): {pieces: number; vectors: number} {
  const pieces = Math.ceil(values / Math.min(HELD_VECTORS, TILE_VECTORS - features));
  return {pieces, vectors: Math.ceil(values / pieces)};
}
