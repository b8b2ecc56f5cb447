import * as tf from '@tensorflow/tfjs-core';
import {layers, type Shape} from '@tensorflow/tfjs-layers';

import {check} from '../internal/check.js';
import {withKnownOptions} from '../internal/known_options.js';
import {onlyInput, paddingMask, readAll} from '../internal/layer_inputs.js';
import {type Projection, type ProjectionArgs, ProjectionSettings} from '../internal/projection.js';
import {factorsStay} from '../internal/span_factors.js';
import {completeSpanHead, type SpanHeadArgs, spanHeadShape} from '../internal/span_head.js';
import {GraphedCalls} from '../internal/tensorflow_graph/graphed_calls.js';
import type {Kwargs, LayerArgs} from '../internal/tfjs_types.js';
import {dense} from '../ops/dense/index.js';
import {globalPointerScores} from '../ops/global_pointer_scores/index.js';
import {whySpansRotateBefore} from '../ops/global_pointer_scores/rotation.js';
import {rotateInOrder} from '../ops/rotary_embedding/rotation.js';

export interface GlobalPointerArgs extends LayerArgs, ProjectionArgs, SpanHeadArgs {}

/**
 * Scores every span (first token i, last token j) as an entity of each type: nested entities come out like any other,
 *
 *   q_h = rotate(x Wq_h + bq_h);   k_h = rotate(x Wk_h + bk_h);   logits[b, h, i, j] = q_h[i] · k_h[j] / √D.
 *
 * - Input: `[B, T, C]`. Output: `[B, H, T, T]` logits; a span with a logit above 0 is predicted. Cells that pad or run
 *   backwards are `maskValue`.
 * - Weights: `dense/kernel [C, H·2·D]`, `dense/bias`: for each type its query then its key, as in bert4keras.
 * - Mask: blanks padded rows and columns, and ends here.
 *
 * Train it with `losses.globalPointerCrossentropy`, read it with `decodeSpans`.
 *
 * ```ts
 * const head = tfa.layers.globalPointer({heads: 3, headSize: 16});
 * const logits = head.apply(tf.randomNormal([2, 7, 32])); // [2, 3, 7, 7]
 * ```
 *
 * Reference: Su et al. 2022, arXiv:2208.03054; kexue.fm/archives/8373; bert4keras `GlobalPointer`, which masks with
 * −Infinity.
 */
export class GlobalPointer extends layers.Layer {
  static readonly className = 'GlobalPointer';

  private readonly args: ReturnType<typeof completeSpanHead>;
  private readonly projections: ProjectionSettings;
  private readonly graphs = new GraphedCalls('GlobalPointer');
  private projection!: Projection;

  constructor(args: GlobalPointerArgs) {
    super(args);
    this.args = completeSpanHead(args, 'GlobalPointer');
    this.projections = new ProjectionSettings(args, 'leCunNormal', 'GlobalPointer');
    this.supportsMasking = true;
  }

  override build(inputShape: Shape): void {
    const channels = inputShape[inputShape.length - 1];
    check(inputShape.length === 3 && channels != null, 'GlobalPointer', 'an input of shape [B, T, C]', {
      shape: inputShape,
    });
    const {heads, headSize} = this.args;
    this.projection = this.projections.add(this.addWeight.bind(this), 'dense', channels, heads * 2 * headSize);
    super.build(inputShape);
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Kwargs): tf.Tensor {
    const x = onlyInput(inputs, 'GlobalPointer');
    const apart = this.args.useRope ? whySpansRotateBefore(false) : undefined;
    if (factorsStay()) {
      const factors = tf.tidy(() => this.factors(x, apart));
      return this.score(factors, paddingMask(kwargs, x, 'GlobalPointer'), apart);
    }
    return tf.tidy(() => {
      const mask = paddingMask(kwargs, x, 'GlobalPointer');
      const inputs = [x, mask, ...readAll(this.weights)];
      return this.graphs.run(inputs, () => [this.score(this.factors(x, apart), mask, apart)])[0];
    });
  }

  /** Queries and keys, `[B, H, T, D]` each, rotated where there is a reason to do it here. */
  private factors(x: tf.Tensor, apart: string | undefined): tf.Tensor4D[] {
    const {heads, headSize} = this.args;
    const [batch, length] = x.shape;
    const {kernel, bias} = this.projection;
    const channels = tf.reshape(dense(x, kernel, bias), [batch, length, heads * 2, headSize]);
    const perHead = tf.transpose(channels, [0, 2, 1, 3]); // [B, 2H, T, D]
    const rotated = apart === undefined ? perHead : rotateInOrder(perHead, apart);
    const pairs = tf.split(tf.reshape(rotated, [batch, heads, 2, length, headSize]), 2, 2);
    return pairs.map(pair => tf.reshape(pair, [batch, heads, length, headSize]) as tf.Tensor4D);
  }

  private score([q, k]: tf.Tensor4D[], mask: tf.Tensor | undefined, apart: string | undefined): tf.Tensor {
    const {useRope, trilMask, maskValue} = this.args;
    const rotary = useRope && apart === undefined ? {} : undefined;
    return globalPointerScores(q, k, {mask, trilMask, maskValue: maskValue ?? undefined, rotary});
  }

  override computeOutputShape(inputShape: Shape): Shape {
    return spanHeadShape(inputShape, this.args.heads);
  }

  override computeMask(): tf.Tensor {
    return null as never; // the mask ends here: the output is [B, H, T, T]
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {...super.getConfig(), ...this.projections.getConfig(), ...this.args};
  }
}
tf.serialization.registerClass(GlobalPointer);

/** Makes a {@link GlobalPointer} layer. */
export function globalPointer(args: GlobalPointerArgs): GlobalPointer {
  return withKnownOptions(new GlobalPointer(args), args);
}
