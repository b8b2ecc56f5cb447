export {
  type GlobalPointerCrossentropyArgs,
  globalPointerCrossentropy,
  globalPointerCrossentropyLoss,
} from './global_pointer_crossentropy.js';
export {
  type MultilabelCategoricalCrossentropyArgs,
  multilabelCategoricalCrossentropy,
  multilabelCategoricalCrossentropyLoss,
} from './multilabel_categorical_crossentropy.js';
export {
  type SparseGlobalPointerCrossentropyArgs,
  sparseGlobalPointerCrossentropy,
  sparseGlobalPointerCrossentropyLoss,
} from './sparse_global_pointer_crossentropy.js';
export {
  type SparseMultilabelCategoricalCrossentropyArgs,
  sparseMultilabelCategoricalCrossentropy,
  sparseMultilabelCategoricalCrossentropyLoss,
} from './sparse_multilabel_categorical_crossentropy.js';
