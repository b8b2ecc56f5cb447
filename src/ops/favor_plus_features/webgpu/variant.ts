import type {FavorPlan} from '../options.js';
import {countOf, featuresPerRow} from '../options.js';

/** What the source of the shaders of random features depends on. */
export interface Variant {
  /** Vectors of four channels in a row of x and of the projection; the last may be partly filled. */
  head: number;
  /** Whether rows begin on a vector, so that buffers can be bound as vectors. */
  aligned: boolean;
  kernel: 'softmax' | 'hyperbolic' | 'trigonometric' | 'relu';
  /**
   * What is taken off the exponents besides |x|²/2: the largest of the row or of all rows of a group, what bounds
   * those of any x, nothing, or there is no exponent at all.
   */
  shift: 'row' | 'group' | 'bound' | 'none' | 'absent';
  /** Type of the mask's numbers. */
  mask?: 'i32' | 'f32';
}

export interface Sizes {
  /** One head of one sample is a group, of so many rows. */
  groups: number;
  heads: number;
  tokens: number;
  width: number;
  /** Rows of the projection. */
  rows: number;
  features: number;
}

export function shiftOf({kernel, stabilizer}: FavorPlan, isQuery: boolean): Variant['shift'] {
  if (kernel === 'relu' || typeof kernel === 'function') return 'absent';
  if (kernel === 'trigonometric') {
    if (isQuery && stabilizer !== 'none') return 'absent';
    return stabilizer === 'max' ? 'group' : 'none';
  }
  if (stabilizer === 'none') return 'none';
  return isQuery ? 'row' : stabilizer === 'fixed' ? 'bound' : 'group';
}

export const keyOf = (stage: string, variant: Variant): string =>
  `addonsFavorFeatures_${stage}_${Object.values(variant).join('_')}`;

/** Rows whose part of the projection's gradient is added up by one workgroup. */
export const CHUNK = 256;

/** A row with a shift of this or more is hidden by the mask. */
export const SEEN = 1e38;
export const HIDDEN = 3e38;

/** The uniforms of every shader, in the order of `UNIFORMS`. */
export function uniformsOf({groups, heads, tokens, width, rows, features}: Sizes, plan: FavorPlan): Int32Array {
  const words = Int32Array.of(groups, heads, tokens, width, rows, features, 0, 0, 0, 0);
  const inside = plan.kernel === 'relu'; // there the factor is inside the function
  const share = plan.featureScaling ? countOf(features, plan) ** -0.5 : 1;
  const factor = plan.normalizeData ? width ** -0.25 : 1;
  new Float32Array(words.buffer).set([factor, inside ? share : 1, inside ? 1 : share, plan.epsilon], 6);
  return words;
}

export const UNIFORMS = /* wgsl */ `
  struct Uniforms {
    groups : u32, heads : u32, tokens : u32, width : u32, rows : u32, features : u32,
    factor : f32, inner : f32, scale : f32, epsilon : f32,
  };`;

export const sizesOf = (x: {shape: number[]}, rows: number, kernel: FavorPlan['kernel']): Sizes => {
  const [tokens, width] = x.shape.slice(-2);
  const heads = x.shape.length === 4 ? x.shape[1] : 1;
  return {groups: x.shape[0] * heads, heads, tokens, width, rows, features: rows * featuresPerRow(kernel)};
};
