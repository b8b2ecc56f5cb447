import {io, serialization, util} from '@tensorflow/tfjs-core';

import {check} from '../internal/check.js';
import {FORMAT, METADATA_KEY, type SavedState} from './saved_state.js';

export interface EncodedWeights {
  specs: io.WeightsManifestEntry[];
  data: ArrayBuffer;
}

/** Saved artifacts, checked, and split into what tfjs reads, the optimizer's tensors and our own state. */
export interface SplitArtifacts {
  model: io.ModelArtifacts;
  optimizer: EncodedWeights;
  /** Absent when tfjs itself saved the model. */
  state?: SavedState;
}

export function splitArtifacts(artifacts: io.ModelArtifacts): SplitArtifacts {
  checkTopology(artifacts);
  const {[METADATA_KEY]: saved, ...metadata} = artifacts.userDefinedMetadata ?? {};
  const state = saved as SavedState | undefined;
  if (state === undefined) return {model: artifacts, optimizer: {specs: [], data: new ArrayBuffer(0)}};
  check(
    state.format <= FORMAT,
    'loadModel',
    `a model of format ${FORMAT} or earlier`,
    state.format,
    'A later version of tfjs-addons saved it: update the package.',
  );
  const specs = artifacts.weightSpecs ?? [];
  const data = io.CompositeArrayBuffer.join(artifacts.weightData);
  const split = specs.findIndex(({group}) => group === 'optimizer');
  const ofModel = split < 0 ? specs : specs.slice(0, split);
  const ofOptimizer = specs.slice(ofModel.length);
  checkSizes(specs, data, state);
  const boundary = byteLength(ofModel);
  return {
    state,
    model: {
      ...artifacts,
      weightSpecs: ofModel,
      weightData: data.slice(0, boundary),
      userDefinedMetadata: Object.keys(metadata).length === 0 ? undefined : metadata,
    },
    optimizer: {specs: ofOptimizer, data: data.slice(boundary)},
  };
}

function checkTopology({modelTopology}: io.ModelArtifacts): void {
  const ok = typeof modelTopology === 'object' && modelTopology !== null && !(modelTopology instanceof ArrayBuffer);
  check(ok, 'loadModel', 'a layers model with a topology', modelTopology, 'The file is damaged or of another kind.');
  for (const name of layerClasses(modelTopology)) {
    check(
      name in serialization.SerializationMap.getMap().classNameMap,
      'loadModel',
      'layers whose classes are registered with tf.serialization',
      name,
      "Import the class before loading, or 'tfjs-addons/register' for all of this package.",
    );
  }
}

/** The class names of all layers in a topology, at any depth. */
function layerClasses(topology: unknown): string[] {
  if (typeof topology !== 'object' || topology === null) return [];
  const {layers, layer} = topology as {layers?: unknown; layer?: unknown};
  const here = [...(Array.isArray(layers) ? layers : []), layer].map(entry => entry?.class_name ?? entry?.className);
  const names = here.filter((name): name is string => typeof name === 'string');
  return [...names, ...Object.values(topology).flatMap(layerClasses)];
}

function checkSizes(specs: io.WeightsManifestEntry[], data: ArrayBuffer, {training}: SavedState): void {
  const expected = byteLength(specs);
  check(
    data.byteLength === expected,
    'loadModel',
    `${expected} bytes of weights`,
    data.byteLength,
    'The weights are cut short, or belong to another model.',
  );
  const ofOptimizer = specs.filter(({group}) => group === 'optimizer').length;
  check(
    training === undefined || ofOptimizer === training.optimizerWeights,
    'loadModel',
    `${training?.optimizerWeights} tensors of the optimizer`,
    ofOptimizer,
    'Another program has saved the model since; {includeOptimizer: false} loads it without its training state.',
  );
}

const byteLength = (specs: io.WeightsManifestEntry[]): number =>
  specs.reduce((bytes, {shape, dtype}) => bytes + util.sizeFromShape(shape) * (dtype === 'bool' ? 1 : 4), 0);
