import * as tf from '@tensorflow/tfjs-core';
import {layers, type Shape} from '@tensorflow/tfjs-layers';

import {check} from '../internal/check.js';
import {withKnownOptions} from '../internal/known_options.js';
import {onlyInput, paddingMask, readAll} from '../internal/layer_inputs.js';
import {type Projection, type ProjectionArgs, ProjectionSettings} from '../internal/projection.js';
import {completeSpanHead, type SpanHeadArgs, spanHeadShape} from '../internal/span_head.js';
import {isTaping} from '../internal/taping.js';
import {GraphedCalls} from '../internal/tensorflow_graph/graphed_calls.js';
import type {Kwargs, LayerArgs} from '../internal/tfjs_types.js';
import {dense} from '../ops/dense/index.js';
import {efficientGlobalPointerScores} from '../ops/efficient_global_pointer_scores/index.js';
import {whySpansRotateBefore} from '../ops/global_pointer_scores/rotation.js';
import {rotateInOrder} from '../ops/rotary_embedding/rotation.js';

export interface EfficientGlobalPointerArgs extends LayerArgs, ProjectionArgs, SpanHeadArgs {}

/**
 * GlobalPointer at 4D + 2 parameters a type: all types share the span score, each adds a score of start and end,
 *
 *   p = x Wp + bp;   q = rotate(p[0::2]);   k = rotate(p[1::2]);   c = (p Wq + bq) / 2
 *   logits[b, h, i, j] = q[i] · k[j] / √D + c[j, 2h] + c[i, 2h + 1].
 *
 * - Input: `[B, T, C]`. Output: `[B, H, T, T]` logits; a span with a logit above 0 is predicted. Cells that pad or run
 *   backwards are `maskValue`.
 * - Weights: `p_dense/kernel [C, 2D]`, `p_dense/bias`, `q_dense/kernel [2D, 2H]`, `q_dense/bias`.
 * - Mask: blanks padded rows and columns, and ends here.
 * - Under `losses.sparseGlobalPointerCrossentropy`, training goes by the factors of the scores: see
 *   `efficientGlobalPointerCrossentropy`.
 *
 * ```ts
 * const head = tfa.layers.efficientGlobalPointer({heads: 3, headSize: 16});
 * const logits = head.apply(tf.randomNormal([2, 7, 32])); // [2, 3, 7, 7]
 * ```
 *
 * Reference: kexue.fm/archives/8877; bert4keras `EfficientGlobalPointer`, whose 1/2 and 1/√D the post leaves out and
 * whose even channels of c are the end. Weights of bert4torch (halves, start first) need permuting.
 */
export class EfficientGlobalPointer extends layers.Layer {
  static readonly className = 'EfficientGlobalPointer';

  private readonly args: ReturnType<typeof completeSpanHead>;
  private readonly projections: ProjectionSettings;
  private readonly graphs = new GraphedCalls('EfficientGlobalPointer');
  private spans!: Projection;
  private types!: Projection;

  constructor(args: EfficientGlobalPointerArgs) {
    super(args);
    this.args = completeSpanHead(args, 'EfficientGlobalPointer');
    this.projections = new ProjectionSettings(args, 'leCunNormal', 'EfficientGlobalPointer');
    this.supportsMasking = true;
  }

  override build(inputShape: Shape): void {
    const channels = inputShape[inputShape.length - 1];
    const where = 'EfficientGlobalPointer';
    check(inputShape.length === 3 && channels != null, where, 'an input of shape [B, T, C]', {shape: inputShape});
    const {heads, headSize} = this.args;
    const addWeight = this.addWeight.bind(this);
    this.spans = this.projections.add(addWeight, 'p_dense', channels, 2 * headSize);
    this.types = this.projections.add(addWeight, 'q_dense', 2 * headSize, 2 * heads);
    super.build(inputShape);
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Kwargs): tf.Tensor {
    const x = onlyInput(inputs, 'EfficientGlobalPointer');
    const apart = this.args.useRope ? whySpansRotateBefore(true) : undefined;
    const weights = readAll(this.weights);
    if (isTaping()) {
      const factors = tf.tidy(() =>
        this.graphs.run([x, ...weights], () => this.factors(x, apart), {variant: 'factors'}),
      );
      // the factors stay for the loss, until the step ends
      return this.score(factors, paddingMask(kwargs, x, 'EfficientGlobalPointer'), apart);
    }
    return tf.tidy(() => {
      const mask = paddingMask(kwargs, x, 'EfficientGlobalPointer');
      return this.graphs.run([x, mask, ...weights], () => [this.score(this.factors(x, apart), mask, apart)])[0];
    });
  }

  private score([q, k, c]: tf.Tensor[], mask: tf.Tensor | undefined, apart: string | undefined): tf.Tensor {
    const {useRope, trilMask, maskValue} = this.args;
    const rotary = useRope && apart === undefined ? {} : undefined;
    const options = {mask, trilMask, maskValue: maskValue ?? undefined, rotary};
    return efficientGlobalPointerScores(q as tf.Tensor3D, k as tf.Tensor3D, c as tf.Tensor3D, options);
  }

  /** Queries, keys and the scores of starts and ends; rotated where there is a reason to do it here. */
  private factors(x: tf.Tensor, apart: string | undefined): [tf.Tensor3D, tf.Tensor3D, tf.Tensor3D] {
    const {headSize} = this.args;
    const [batch, length] = x.shape;
    const p = dense(x, this.spans.kernel, this.spans.bias); // [B, T, 2D]
    const halves = tf.transpose(tf.reshape(p, [batch, length, headSize, 2]), [3, 0, 1, 2]);
    const [q, k] = tf.unstack(apart === undefined ? halves : rotateInOrder(halves, apart)) as tf.Tensor3D[];
    return [q, k, tf.mul(dense(p, this.types.kernel, this.types.bias), 0.5)];
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
tf.serialization.registerClass(EfficientGlobalPointer);

/** Makes an {@link EfficientGlobalPointer} layer. */
export function efficientGlobalPointer(args: EfficientGlobalPointerArgs): EfficientGlobalPointer {
  return withKnownOptions(new EfficientGlobalPointer(args), args);
}
