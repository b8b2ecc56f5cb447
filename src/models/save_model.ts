import * as tf from '@tensorflow/tfjs-core';
import {type LayersModel, version_layers} from '@tensorflow/tfjs-layers';

import {checkOptions} from '../internal/known_options.js';
import {readOptimizerState} from '../internal/optimizer_state.js';
import type {NamedTensor} from '../internal/tfjs_types.js';
import {saveFunctions} from './function_names.js';
import {saveHandler} from './handlers.js';
import {toJson} from './json.js';
import {readRuntimeStates} from './runtime_state.js';
import {FORMAT, METADATA_KEY, optimizerWeightName, type SavedState} from './saved_state.js';

export interface SaveModelOptions {
  /** Keeps the optimizer with its state, the losses and the metrics. Default true. */
  includeOptimizer?: boolean;
}

/**
 * Saves a model with everything it needs to go on training: losses and metrics of this package and of tfjs, with
 * their options, the optimizer with its whole state, and the counters of seeded layers. A model that is saved,
 * loaded by `loadModel` and trained on gives the same numbers as one that is trained without a stop.
 *
 * `model.save` of tfjs loses losses and metrics that are functions, and part of Adam. `tf.loadLayersModel` reads
 * topology and weights of what is saved here.
 *
 * In Node `file://folder` works with every backend; a save that fails leaves the files of the last one as they are.
 *
 * @param handlerOrUrl `file://folder` in Node, `indexeddb://name`, `localstorage://name` or `downloads://name` in a
 *   browser, or any `tf.io.IOHandler`.
 * @throws RangeError for a loss or metric without a name, and for options that are not plain data.
 *
 * ```ts
 * const model = tf.sequential({layers: [tf.layers.dense({units: 3, inputShape: [2]})]});
 * model.compile({optimizer: 'adam', loss: tfa.losses.multilabelCategoricalCrossentropy});
 * let artifacts: tf.io.ModelArtifacts;
 * const result = await tfa.saveModel(model, tf.io.withSaveHandler(async saved => {
 *   artifacts = saved;
 *   return {modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(saved)};
 * }));
 * console.log(result.modelArtifactsInfo.weightDataBytes);
 * ```
 */
export async function saveModel(
  model: LayersModel,
  handlerOrUrl: tf.io.IOHandler | string,
  options: SaveModelOptions = {},
): Promise<tf.io.SaveResult> {
  checkOptions(options, {includeOptimizer: true}, 'saveModel');
  const {includeOptimizer = true} = options;
  const handler = saveHandler(handlerOrUrl);
  const keepsTraining = includeOptimizer && model.optimizer != null;
  const state: SavedState = {format: FORMAT, layers: toJson(readRuntimeStates(model), 'the state of layers')};
  const weights = await tf.io.encodeWeights(namedWeights(model));
  const buffers = [weights.data];
  if (keepsTraining) {
    const optimizer = await encodeOptimizer(model.optimizer);
    state.training = {...describeTraining(model), optimizerWeights: optimizer.specs.length};
    weights.specs.push(...optimizer.specs);
    buffers.push(optimizer.data);
  }
  return handler.save!({
    modelTopology: model.toJSON(null, false) as object,
    format: 'layers-model',
    generatedBy: `TensorFlow.js tfjs-layers v${version_layers}`,
    convertedBy: null as never,
    weightSpecs: weights.specs,
    weightData: tf.io.CompositeArrayBuffer.join(buffers),
    userDefinedMetadata: {...model.getUserDefinedMetadata(), [METADATA_KEY]: state},
  });
}

function describeTraining(model: LayersModel): Omit<NonNullable<SavedState['training']>, 'optimizerWeights'> {
  const className = model.optimizer.getClassName();
  return {
    loss: toJson(saveFunctions(model.loss as never), 'the options of the loss'),
    metrics: model.metrics == null ? undefined : toJson(saveFunctions(model.metrics as never), 'metrics'),
    optimizer: {className, config: toJson(model.optimizer.getConfig(), `the config of ${className}`)},
  };
}

const namedWeights = (model: LayersModel): NamedTensor[] => {
  const values = model.getWeights();
  return model.weights.map(({originalName}, i) => ({name: originalName, tensor: values[i]}));
};

async function encodeOptimizer(optimizer: tf.Optimizer): ReturnType<typeof tf.io.encodeWeights> {
  const state = await readOptimizerState(optimizer);
  const renamed = state.map(({name, tensor}, i) => ({name: optimizerWeightName(i, name), tensor}));
  try {
    return await tf.io.encodeWeights(renamed, 'optimizer');
  } finally {
    tf.dispose(state.map(({tensor}) => tensor));
  }
}
