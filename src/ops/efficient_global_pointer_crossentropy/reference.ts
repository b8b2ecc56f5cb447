import * as tf from '@tensorflow/tfjs-core';

import {spanVisibility} from '../../internal/span_visibility.js';
import {efficientGlobalPointerScores} from '../efficient_global_pointer_scores/index.js';
import {multilabelCrossentropy} from '../multilabel_crossentropy/index.js';
import {type Factors, factorisedGradient, factorisedLoss} from './factorised.js';
import type {FactorisedAttrs, FactorisedInputs} from './name.js';
import {type ListedSpans, listSpans, spansAndTypes} from './spans.js';

/** The loss `[B, H]` from composed ops: of lists by products of matrices, of dense labels by the scores. */
export function factorisedCrossentropyReference(inputs: FactorisedInputs, attrs: FactorisedAttrs): tf.Tensor2D {
  return tf.tidy(() => (attrs.form === 'dense' ? byScores(inputs, attrs) : byFactors(inputs, attrs)));
}

function byScores({q, k, bias, labels, mask}: FactorisedInputs, attrs: FactorisedAttrs): tf.Tensor2D {
  const {scale, trilMask} = attrs;
  const factors = [q, k, bias] as tf.Tensor3D[];
  const options = {mask, scale, trilMask, maskValue: Number.NEGATIVE_INFINITY}; // impossible cells are absent
  const scores = efficientGlobalPointerScores(factors[0], factors[1], factors[2], options);
  const [batch, heads, length] = scores.shape;
  const shape: [number, number] = [batch * heads, length * length];
  const loss = multilabelCrossentropy(tf.reshape(labels, shape), tf.reshape(scores, shape), {
    ...attrs,
    form: 'dense',
    side: length,
  });
  return tf.reshape(loss, [batch, heads]);
}

function byFactors({q, k, bias, labels, mask}: FactorisedInputs, attrs: FactorisedAttrs): tf.Tensor2D {
  const {scale, trilMask, threshold, maskZero} = attrs;
  const [batch, length, channels] = bias.shape as [number, number, number];
  const base = tf.matMul(tf.mul(q, scale), k, false, true) as tf.Tensor3D;
  const byType = tf.reshape(tf.transpose(bias, [0, 2, 1]), [batch, channels / 2, 2, length]);
  const [end, start] = tf.unstack(byType, 2) as tf.Tensor3D[];
  const above = (threshold === 0 ? start : tf.sub(start, threshold)) as tf.Tensor3D;
  const cells = spansAndTypes(labels as tf.Tensor3D | tf.Tensor4D, channels / 2);
  return crossentropy(
    {base, start: above, end},
    listSpans(cells, length, spanVisibility(length, mask, trilMask), maskZero),
  );
}

function crossentropy({base, start, end}: Factors, spans: ListedSpans): tf.Tensor2D {
  const names = Object.keys(spans) as (keyof ListedSpans)[];
  const op = tf.customGrad((...args) => {
    const [base, start, end, save] = args as unknown as [tf.Tensor3D, tf.Tensor3D, tf.Tensor3D, tf.GradSaveFunc];
    save([base, start, end, ...names.map(name => spans[name])]);
    return {
      value: tf.tidy(() => factorisedLoss({base, start, end}, spans)),
      gradFunc: (dy, saved) =>
        tf.tidy(() => {
          const [base, start, end, ...rest] = saved as tf.Tensor3D[];
          const spans = Object.fromEntries(rest.map((x, i) => [names[i], x])) as unknown as ListedSpans;
          const gradients = factorisedGradient(dy as tf.Tensor2D, {base, start, end}, spans);
          return [gradients.base, gradients.start, gradients.end];
        }),
    };
  });
  return op(base, start, end) as tf.Tensor2D;
}
