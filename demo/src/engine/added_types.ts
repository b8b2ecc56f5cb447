import * as tf from '@tensorflow/tfjs';
import {Recogniser} from 'entity-recogniser-example/src/recogniser.ts';
import {Encoder} from 'entity-recogniser-example/src/text/encoder.ts';
import * as tfa from 'tfjs-addons';

import type {Loaded} from './model_files.ts';

/** What is read of a model as tfjs writes it. */
interface Topology {
  config: {layers: {class_name: string; config: {heads: number}}[]};
}

/**
 * A copy of a recogniser that has more types. Everything it knew is kept; a new type begins with the mean of the
 * weights of those before, so that its scores are the mean of theirs: they take few spans for entities of it.
 */
export async function withTypes({recogniser, description}: Loaded, added: readonly string[]): Promise<Loaded> {
  const {model, tokenKind, flat} = recogniser;
  const encoder = Encoder.fromJSON({
    ...recogniser.encoder.toJSON(),
    types: [...recogniser.encoder.types, ...added],
  });
  const larger = new Recogniser(await withHeads(model, added.length), encoder, tokenKind, flat);
  return {recogniser: larger, description: {...description, encoder: encoder.toJSON()}};
}

async function withHeads(model: tf.LayersModel, added: number): Promise<tf.LayersModel> {
  const topology = model.toJSON(null, false) as unknown as Topology;
  const {className} = tfa.layers.EfficientGlobalPointer;
  const heads = topology.config.layers.filter(({class_name}) => class_name === className);
  if (heads.length !== 1) throw new Error(`types can only be added to a model with one ${className} head`);
  heads[0].config.heads += added;
  const larger = await tf.models.modelFromJSON({
    modelTopology: topology as unknown as tf.io.ModelJSON['modelTopology'],
  });
  tf.tidy(() =>
    larger.setWeights(model.getWeights().map((weight, i) => widened(weight, larger.getWeights()[i].shape))),
  );
  return larger;
}

/** The last axis of a wider weight holds two numbers a type. */
function widened(weight: tf.Tensor, shape: readonly number[]): tf.Tensor {
  const width = weight.shape[weight.rank - 1];
  const extra = shape[shape.length - 1] - width;
  if (extra === 0) return weight;
  const rest = weight.shape.slice(0, -1);
  const mean = tf.mean(tf.reshape(weight, [...rest, width / 2, 2]), -2);
  return tf.concat([weight, tf.tile(mean, [...rest.map(() => 1), extra / 2])], -1);
}
