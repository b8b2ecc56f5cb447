import * as tf from '@tensorflow/tfjs-core';
import {type LayerVariable, layers, type Shape} from '@tensorflow/tfjs-layers';

import {check, checkInteger, checkOneOf} from '../internal/check.js';
import {withKnownOptions} from '../internal/known_options.js';
import {namedInputs} from '../internal/layer_inputs.js';
import {clippedBuckets, t5Buckets} from '../internal/relative_buckets.js';
import {
  type Initializer,
  type InitializerIdentifier,
  resolveInitializer,
  serialize,
} from '../internal/serialization.js';
import type {LayerArgs} from '../internal/tfjs_types.js';
import {dense} from '../ops/dense/index.js';

const BUCKETS = ['clipped', 't5'] as const;

export interface RelativePositionEmbeddingArgs extends LayerArgs {
  /** Number of buckets; odd for `'clipped'`. */
  inputDim: number;
  /** Width of an embedding: the key size for `'clipped'`, the number of heads for `'t5'`. */
  outputDim: number;
  /** How distances share embeddings. Defaults to `'clipped'`. */
  buckets?: (typeof BUCKETS)[number];
  /** t5: distances from here on share the last bucket. Defaults to 128. */
  maxDistance?: number;
  /** t5: whether keys after the query have buckets of their own. Defaults to true. */
  bidirectional?: boolean;
  /** Defaults to `'zeros'`. */
  embeddingsInitializer?: InitializerIdentifier;
}

/**
 * Embeddings of the distance between two tokens, `y[i, j] = E[bucket(j − i)]`, for {@link MultiHeadAttention}.
 *
 * - `'clipped'`: bucket = clip(j − i, −m, m) + m with m = (inputDim − 1)/2, for `pBias: 'typicalRelative'`.
 * - `'t5'`: exact for near tokens, logarithmic for far ones, for `pBias: 't5Relative'`.
 *
 * - Inputs: queries `[B, T, …]` and keys `[B, S, …]`, of which only T and S are read. One layer serves all attention
 *   layers of a model.
 * - Output: `[T, S, outputDim]`, without a batch axis. Weights: `embeddings [inputDim, outputDim]`.
 *
 * ```ts
 * const x = tf.input({shape: [null, 8]});
 * const positions = tfa.layers.relativePositionEmbedding({inputDim: 7, outputDim: 4});
 * const attention = tfa.layers.multiHeadAttention({heads: 2, headSize: 4, pBias: 'typicalRelative'});
 * const y = attention.apply([x, x, x, positions.apply([x, x]) as tf.SymbolicTensor]);
 * ```
 *
 * Reference: Shaw et al. 2018, arXiv:1803.02155; Raffel et al. 2019, arXiv:1910.10683; bert4keras
 * `RelativePositionEmbedding` and `RelativePositionEmbeddingT5`.
 */
export class RelativePositionEmbedding extends layers.Layer {
  static readonly className = 'RelativePositionEmbedding';

  private readonly args: ReturnType<typeof complete>;
  private readonly initializer: Initializer;
  private embeddings!: LayerVariable;

  constructor(args: RelativePositionEmbeddingArgs) {
    super(args);
    this.args = complete(args);
    this.initializer = resolveInitializer(args.embeddingsInitializer ?? 'zeros', 'RelativePositionEmbedding');
    this.supportsMasking = true;
  }

  override build(inputShape: Shape | Shape[]): void {
    const {inputDim, outputDim} = this.args;
    this.embeddings = this.addWeight('embeddings', [inputDim, outputDim], 'float32', this.initializer);
    super.build(inputShape);
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const {inputDim, outputDim, buckets, maxDistance, bidirectional} = this.args;
    const {queries, keys} = namedInputs(inputs, ['queries', 'keys'] as const, 'RelativePositionEmbedding');
    const [length, keyLength] = [queries!.shape[1], keys!.shape[1]] as [number, number];
    const table =
      buckets === 't5'
        ? t5Buckets(length, keyLength, inputDim, maxDistance, bidirectional)
        : clippedBuckets(length, keyLength, inputDim);
    return tf.tidy(() => {
      const rows = tf.tensor2d(oneHotRows(table, inputDim), [table.length, inputDim]);
      return tf.reshape(dense(rows, this.embeddings.read() as tf.Tensor2D), [length, keyLength, outputDim]);
    });
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const [queries, keys] = inputShape as Shape[];
    return [queries[1], keys[1], this.args.outputDim];
  }

  override computeMask(): tf.Tensor {
    return null as never; // the output has no batch
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {...super.getConfig(), ...this.args, embeddingsInitializer: serialize(this.initializer) as never};
  }
}
tf.serialization.registerClass(RelativePositionEmbedding);

/** Makes a {@link RelativePositionEmbedding} layer. */
export function relativePositionEmbedding(args: RelativePositionEmbeddingArgs): RelativePositionEmbedding {
  return withKnownOptions(new RelativePositionEmbedding(args), args);
}

/** Row i is 1 at `ids[i]`: a product with it looks rows up, with a gradient that every backend has. */
function oneHotRows(ids: Int32Array, size: number): Float32Array {
  const rows = new Float32Array(ids.length * size);
  ids.forEach((id, i) => {
    rows[i * size + id] = 1;
  });
  return rows;
}

function complete(args: RelativePositionEmbeddingArgs) {
  const where = 'RelativePositionEmbedding';
  const {inputDim, outputDim, buckets = 'clipped', maxDistance = 128, bidirectional = true} = args;
  checkInteger(inputDim, where, 'inputDim', 2);
  checkInteger(outputDim, where, 'outputDim');
  checkOneOf(buckets, BUCKETS, where, 'buckets');
  checkInteger(maxDistance, where, 'maxDistance');
  check(buckets === 't5' || inputDim % 2 === 1, where, "an odd inputDim with buckets 'clipped'", inputDim);
  return {inputDim, outputDim, buckets, maxDistance, bidirectional};
}
