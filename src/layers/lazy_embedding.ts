import * as tf from '@tensorflow/tfjs-core';
import {type LayerVariable, layers, type Shape} from '@tensorflow/tfjs-layers';

import {checkInteger} from '../internal/check.js';
import {withKnownOptions} from '../internal/known_options.js';
import {onlyInput} from '../internal/layer_inputs.js';
import {lookUpRows} from '../internal/row_gradient.js';
import {
  type Initializer,
  type InitializerIdentifier,
  type Regularizer,
  type RegularizerIdentifier,
  resolveInitializer,
  resolveRegularizer,
  serialize,
} from '../internal/serialization.js';
import type {LayerArgs} from '../internal/tfjs_types.js';

export interface LazyEmbeddingArgs extends LayerArgs {
  /** Rows of the table V: ids are 0 to V − 1. */
  inputDim: number;
  /** Width of an embedding D. */
  outputDim: number;
  /** Defaults to `'randomUniform'`. */
  embeddingsInitializer?: InitializerIdentifier;
  /** Regularises the whole table, so that its gradient is dense again. Defaults to none. */
  embeddingsRegularizer?: RegularizerIdentifier;
  /** Whether id 0 is padding, to be masked. Defaults to false. */
  maskZero?: boolean;
  /** Length of the sequences, where it is fixed. */
  inputLength?: number;
}

/**
 * An embedding whose gradient names the touched rows only, `y[b, t] = E[x[b, t]]`.
 *
 * With an optimizer of this package, neither the backward pass nor the update touches the rest of the table: with
 * `train.lazyAdam`, a step takes the same time for 5,000 and for 500,000 rows. Repeated ids are summed. Optimizers
 * whose rule moves every row, such as `train.adamW`, get the dense gradient, tfjs's own optimizers the one of
 * `tf.gather`. Weights, name and config are those of `tf.layers.embedding`, which it replaces.
 *
 * The table also gets a dense gradient where the model uses it otherwise, as in tied output weights, or under a
 * regularizer; the two are added, and a warning says so.
 *
 * - Input: ids `[B, T]` (any rank), int32, or float32 with whole numbers. Output: `[B, T, D]`.
 * - Weights: `embeddings [V, D]`.
 *
 * ```ts
 * const embedding = tfa.layers.lazyEmbedding({inputDim: 5000, outputDim: 16, inputLength: 4});
 * const model = tf.sequential({layers: [embedding, tf.layers.flatten(), tf.layers.dense({units: 1})]});
 * model.compile({optimizer: tfa.train.lazyAdam(1e-3), loss: 'meanSquaredError'});
 * await model.fit(tf.ones([8, 4]), tf.zeros([8, 1]), {verbose: 0});
 * ```
 */
export class LazyEmbedding extends layers.Layer {
  static readonly className = 'LazyEmbedding';

  private readonly inputDim: number;
  private readonly outputDim: number;
  private readonly maskZero: boolean;
  private readonly inputLength: number | null;
  private readonly initializer: Initializer;
  private readonly regularizer: Regularizer | undefined;
  private embeddings!: LayerVariable;

  constructor(args: LazyEmbeddingArgs) {
    super(args.batchInputShape || args.inputShape ? args : {...args, batchInputShape: sequenceShape(args)});
    const {inputDim, outputDim, maskZero = false, inputLength = null} = args;
    checkInteger(inputDim, 'LazyEmbedding', 'inputDim');
    checkInteger(outputDim, 'LazyEmbedding', 'outputDim');
    this.inputDim = inputDim;
    this.outputDim = outputDim;
    this.maskZero = maskZero;
    this.inputLength = inputLength;
    this.initializer = resolveInitializer(args.embeddingsInitializer ?? 'randomUniform', 'LazyEmbedding');
    this.regularizer = resolveRegularizer(args.embeddingsRegularizer, 'LazyEmbedding');
    this.supportsMasking = maskZero;
  }

  override build(inputShape: Shape): void {
    const shape = [this.inputDim, this.outputDim];
    this.embeddings = this.addWeight('embeddings', shape, 'float32', this.initializer, this.regularizer);
    super.build(inputShape);
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const ids = tf.cast(onlyInput(inputs, 'LazyEmbedding'), 'int32');
      const rows = lookUpRows(this.embeddings.read() as tf.Variable, tf.reshape(ids, [-1]) as tf.Tensor1D);
      return tf.reshape(rows, [...ids.shape, this.outputDim]);
    });
  }

  override computeMask(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    if (!this.maskZero) return null as never; // tfjs's type lacks the null that its own Embedding returns
    return tf.tidy(() => tf.notEqual(onlyInput(inputs, 'LazyEmbedding'), 0));
  }

  override computeOutputShape(inputShape: Shape): Shape {
    return [...inputShape, this.outputDim];
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {
      ...super.getConfig(),
      inputDim: this.inputDim,
      outputDim: this.outputDim,
      embeddingsInitializer: serialize(this.initializer) as never,
      embeddingsRegularizer: serialize(this.regularizer) as never,
      maskZero: this.maskZero,
      inputLength: this.inputLength,
    };
  }
}

/** `[B, T]`, as `tf.layers.embedding` has it where no shape is given. */
const sequenceShape = ({batchSize, inputLength}: LazyEmbeddingArgs): Shape => [batchSize ?? null, inputLength ?? null];

/** Makes a `LazyEmbedding` layer. */
export const lazyEmbedding = (args: LazyEmbeddingArgs): LazyEmbedding =>
  withKnownOptions(new LazyEmbedding(args), args);

tf.serialization.registerClass(LazyEmbedding);
