import * as tf from '@tensorflow/tfjs-core';
import {type LayersModel, loadLayersModel} from '@tensorflow/tfjs-layers';

import {checkOptions, type OptionNames} from '../internal/known_options.js';
import type {LossFunction} from '../internal/named_functions.js';
import {writeOptimizerState} from '../internal/optimizer_state.js';
import {deserialize} from '../internal/serialization.js';
import {type EncodedWeights, splitArtifacts} from './artifacts.js';
import {compileModel} from './compile_model.js';
import {loadFunctions} from './function_names.js';
import {loadHandler} from './handlers.js';
import {fromJson} from './json.js';
import {writeRuntimeStates} from './runtime_state.js';
import {ownWeightName, type SavedState} from './saved_state.js';

export interface LoadModelOptions extends tf.io.LoadOptions {
  /** Restores losses, metrics and the optimizer with its state, where they were saved. Default true. */
  includeOptimizer?: boolean;
  /** Losses and metrics of your own that the model was compiled with, by the names of the functions. */
  functions?: Record<string, LossFunction>;
}

const OPTIONS: OptionNames<LoadModelOptions> = {
  ...{includeOptimizer: true, functions: true, onProgress: true, requestInit: true, fetchFunc: true, strict: true},
  ...{weightPathPrefix: true, fromTFHub: true, weightUrlConverter: true, streamWeights: true},
};

/**
 * Loads a model that `saveModel` saved, compiled as it was, with the state of its optimizer and layers. A model that
 * `model.save` saved loads too, as `tf.loadLayersModel` would load it.
 *
 * Classes and losses are found by name, so they must have been imported; `import 'tfjs-addons/register'` imports all
 * of this package.
 *
 * @param handlerOrUrl `file://folder` or `file://folder/model.json` in Node, `indexeddb://name`,
 *   `localstorage://name`, an address, or any `tf.io.IOHandler`.
 * @throws RangeError for a class, loss or metric that is not known, for files that do not belong together or are cut
 *   short, and for a model that a later version of this package saved.
 *
 * ```ts
 * const model = tf.sequential({layers: [tf.layers.dense({units: 3, inputShape: [2]})]});
 * model.compile({optimizer: tf.train.adam(0.01), loss: tfa.losses.multilabelCategoricalCrossentropy});
 * const saved = await new Promise<tf.io.ModelArtifacts>(resolve =>
 *   tfa.saveModel(model, tf.io.withSaveHandler(async artifacts => {
 *     resolve(artifacts);
 *     return {modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts)};
 *   })),
 * );
 * const again = await tfa.loadModel(tf.io.fromMemory(saved));
 * await again.fit(tf.ones([4, 2]), tf.zeros([4, 3]), {verbose: 0});
 * ```
 */
export async function loadModel(
  handlerOrUrl: tf.io.IOHandler | string,
  options: LoadModelOptions = {},
): Promise<LayersModel> {
  checkOptions(options, OPTIONS, 'loadModel');
  const {includeOptimizer = true, functions = {}, ...rest} = options;
  const artifacts = await loadHandler(handlerOrUrl, rest).load!();
  const {state, model: modelArtifacts, optimizer: optimizerArtifacts} = splitArtifacts(artifacts);
  if (state === undefined) return loadLayersModel(tf.io.fromMemory(artifacts), rest);

  const training = includeOptimizer && state.training !== undefined ? prepare(state.training, functions) : undefined;
  let model: LayersModel | undefined;
  try {
    model = await loadLayersModel(tf.io.fromMemory(modelArtifacts), rest);
    writeRuntimeStates(model, fromJson(state.layers));
    if (training === undefined) return model;
    compileModel(model, training as never);
    await restoreOptimizer(training.optimizer, optimizerArtifacts);
    Object.assign(model, {isOptimizerOwned: true}); // `model.dispose()` then disposes it
    return model;
  } catch (error) {
    training?.optimizer.dispose();
    model?.dispose();
    throw error;
  }
}

/** Everything that can be missing is looked up before the model is built. */
function prepare({loss, metrics, optimizer}: NonNullable<SavedState['training']>, given: Record<string, LossFunction>) {
  return {
    loss: loadFunctions(fromJson(loss), given),
    metrics: metrics === undefined ? undefined : loadFunctions(fromJson(metrics), given),
    optimizer: deserialize<tf.Optimizer>(fromJson(optimizer), 'loadModel', 'an optimizer'),
  };
}

async function restoreOptimizer(optimizer: tf.Optimizer, {specs, data}: EncodedWeights): Promise<void> {
  const tensors = tf.io.decodeWeights(data, specs);
  const state = specs.map(({name}) => ({name: ownWeightName(name), tensor: tensors[name]}));
  try {
    await writeOptimizerState(optimizer, state);
  } finally {
    tf.dispose(tensors);
  }
}
