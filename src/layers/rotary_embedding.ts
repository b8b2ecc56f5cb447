import * as tf from '@tensorflow/tfjs-core';
import {layers, type Shape} from '@tensorflow/tfjs-layers';

import {checkOneOf, checkRange} from '../internal/check.js';
import {withKnownOptions} from '../internal/known_options.js';
import {firstMask, namedInputs} from '../internal/layer_inputs.js';
import type {LayerArgs} from '../internal/tfjs_types.js';
import {rotaryEmbedding as rotaryEmbeddingOp} from '../ops/rotary_embedding/index.js';
import type {RotaryLayout} from '../ops/rotary_embedding/tables.js';

export interface RotaryEmbeddingArgs extends LayerArgs {
  /** Base of the frequencies. Defaults to 10000. */
  base?: number;
  /** Channel pairs: `'interleaved'` or `'half'`. Defaults to `'interleaved'`. */
  layout?: RotaryLayout;
  /** Whether a second input brings position ids `[B, T]`. Defaults to false: 0 … T − 1. */
  positionIds?: boolean;
}

/**
 * Rotary position embedding as a layer; see the op `rotaryEmbedding`.
 *
 * - Input: `[B, ..., T, D]`, float32, D even; with `positionIds` also `[B, T]`. Output: the shape of the first input.
 * - No weights. The mask of the first input passes through.
 *
 * ```ts
 * tfa.layers.rotaryEmbedding({layout: 'half'}).apply(tf.ones([2, 7, 8])); // [2, 7, 8]
 * ```
 *
 * Reference: Su et al. 2021, "RoFormer", arXiv:2104.09864.
 */
export class RotaryEmbedding extends layers.Layer {
  static readonly className = 'RotaryEmbedding';

  readonly base: number;
  readonly layout: RotaryLayout;
  readonly positionIds: boolean;

  constructor({base = 10000, layout = 'interleaved', positionIds = false, ...rest}: RotaryEmbeddingArgs = {}) {
    super(rest);
    checkRange(base, 'RotaryEmbedding', 'base', [0, Number.POSITIVE_INFINITY], {low: true});
    checkOneOf(layout, ['interleaved', 'half'], 'RotaryEmbedding', 'layout');
    this.base = base;
    this.layout = layout;
    this.positionIds = positionIds;
    this.supportsMasking = true;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const names = this.positionIds ? (['x', 'positions'] as const) : (['x'] as const);
    const {x, positions} = namedInputs<'x' | 'positions'>(inputs, names, 'RotaryEmbedding');
    return rotaryEmbeddingOp(x!, {positions, base: this.base, layout: this.layout});
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    return (Array.isArray(inputShape[0]) ? inputShape[0] : inputShape) as Shape;
  }

  override computeMask(_inputs: tf.Tensor | tf.Tensor[], mask?: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return firstMask(mask);
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {...super.getConfig(), base: this.base, layout: this.layout, positionIds: this.positionIds};
  }
}
tf.serialization.registerClass(RotaryEmbedding);

/** Makes a {@link RotaryEmbedding} layer. */
export function rotaryEmbedding(args: RotaryEmbeddingArgs = {}): RotaryEmbedding {
  return withKnownOptions(new RotaryEmbedding(args), args);
}
