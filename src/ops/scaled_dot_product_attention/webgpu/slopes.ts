/** WGSL of the backward pass that goes by queries and by keys: from scores to the gradient of scores. */

import {four} from '../../../internal/webgpu_rows.js';
import {KEPT_KEY} from './rows.js';
import {scoring} from './source.js';
import type {Variant} from './variant.js';

/** Rows of q and v that take more channels than this are not held by an invocation together. */
const HELD_VECTORS = 64;

/** Vectors of a piece of the values that is staged at once when rows of values are not held. */
const STAGED_VECTORS = 32;

export const isWide = ({head, value}: Variant): boolean => head + value > HELD_VECTORS;

/** How rows of values are staged: whole, with the invocation's own row held, or in pieces, with its own row read. */
export function staging(variant: Variant): {wide: boolean; pieces: number; vectors: number} {
  const {value} = variant;
  if (!isWide(variant)) return {wide: false, pieces: 1, vectors: value};
  const pieces = Math.ceil(value / STAGED_VECTORS);
  return {wide: true, pieces, vectors: Math.ceil(value / pieces)};
}

/** `scoring`, and the mask from the buffer of rows. */
export const slopeScoring = (variant: Variant): string => `${scoring(variant, KEPT_KEY)}
  fn rowAt(row : u32) -> vec4f {
    return vec4f(Rows[4u * row], Rows[4u * row + 1u], Rows[4u * row + 2u], Rows[4u * row + 3u]);
  }`;

/** Names of what belongs to a row in the scope of `slopes`. */
export interface RowNames {
  /** Row and key of position c of the tile. */
  i(c: string): string;
  j(c: string): string;
  /** Component of the row's numbers: 0 ρ, 1 norm, 2 Σ dO ⊙ O, 3 factor; a scalar or a vec4f. */
  of(component: 0 | 1 | 2 | 3): string;
}

/**
 * From `scores` (without bias) and `dWeights`, vectors for four positions of the tile, to `weights`, A before dropout,
 * and `slopes`, the gradient of the scores. `kept` is the dropout factor.
 */
export function slopes(variant: Variant, {i, j, of}: RowNames): string {
  const {squared, bias, dropout} = variant;
  const seen = four(c => `sees(b, h, ${i(c)}, ${j(c)})`);
  const dropped = dropout ? 'dWeights * kept' : 'dWeights';
  return /* wgsl */ `
    ${bias ? `scores += ${of(3)} * ${four(c => `biasAt(b, h, ${i(c)}, ${j(c)})`)};` : ''}
    ${dropout ? `let kept = ${four(c => `keptAt(group, ${i(c)}, ${j(c)})`)};` : ''}
    ${
      squared
        ? /* wgsl */ `
    let strengths = select(vec4f(0.0), max(scores, vec4f(0.0)), ${seen});
    let weights = strengths * strengths * ${of(1)};
    let slopes = 2.0 * strengths * ${of(1)} * (${dropped});`
        : /* wgsl */ `
    let weights = select(vec4f(0.0), exp(scores - ${of(1)}), ${seen});
    let slopes = weights * (${dropped} - ${of(2)});`
    }`;
}
