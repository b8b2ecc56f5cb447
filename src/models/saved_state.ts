import type {SerializedObject} from '../internal/serialization.js';
import type {SavedFunctions} from './function_names.js';
import type {SavedLayerState} from './runtime_state.js';

/** The version of `SavedState`. A reader refuses later ones. */
export const FORMAT = 1;

/** Where the state stands in the user-defined metadata of a model, which tfjs carries along untouched. */
export const METADATA_KEY = 'tfjsAddons';

/** What a model needs to go on training, besides its topology and weights. */
export interface SavedState {
  format: number;
  layers: SavedLayerState[];
  training?: {
    loss: SavedFunctions;
    metrics?: SavedFunctions;
    optimizer: SerializedObject;
    /** Number of tensors of the optimizer, which follow the weights of the model. */
    optimizerWeights: number;
  };
}

/** Optimizer tensors are called `optimizer/<index>/<name>`, as tfjs wants unique names and optimizers repeat them. */
export const optimizerWeightName = (index: number, name: string): string => `optimizer/${index}/${name}`;
export const ownWeightName = (saved: string): string => saved.replace(/^optimizer\/\d+\//, '');
