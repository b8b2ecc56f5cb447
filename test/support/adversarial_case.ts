import * as tf from '@tensorflow/tfjs-core';

import {loadGolden} from './golden.js';

interface Gradients {
  grad_E?: number[][];
  grad_W: number[][];
}

interface Values extends Required<Gradients> {
  E: number[][];
  W: number[][];
  ids: number[];
  labels: number[];
  loss: number;
  'fgm_eps0.5': Required<Gradients>;
  gp_eps1_half: Required<Gradients>;
  'igr_gamma0.1': Gradients;
}

let count = 0;

/** The classifier of the companion values: embeddings E, a dense layer W, softmax cross-entropy of four tokens. */
export async function adversarialCase() {
  const {adversarial: values} = await loadGolden<{adversarial: Values}>('companions_values');
  const embeddings = tf.variable(tf.tensor2d(values.E), true, `case${count}/embeddings`);
  const weights = tf.variable(tf.tensor2d(values.W), true, `case${count++}/kernel`);
  const ids = tf.tensor1d(values.ids, 'int32');
  const targets = tf.cast(tf.oneHot(tf.tensor1d(values.labels, 'int32'), 3), 'float32');
  const loss = () => {
    const logits = tf.matMul(tf.gather(embeddings, ids) as tf.Tensor2D, weights as tf.Tensor2D);
    return tf.neg(tf.mean(tf.sum(tf.mul(targets, tf.logSoftmax(logits)), 1))) as tf.Scalar;
  };
  return {values, loss, embeddings, weights, variables: [embeddings, weights]};
}
