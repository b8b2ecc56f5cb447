export {type AmSoftmaxArgs, amSoftmax, amSoftmaxLoss} from './am_softmax.js';
export {type AngularSoftmaxArgs, angularSoftmax, angularSoftmaxLoss} from './angular_softmax.js';
export {type ArcFaceArgs, arcFace, arcFaceLoss} from './arc_face.js';
export {
  type BalancedCategoricalCrossentropyArgs,
  balancedCategoricalCrossentropy,
  balancedCategoricalCrossentropyLoss,
} from './balanced_categorical_crossentropy.js';
export {
  type BinaryFocalCrossentropyArgs,
  binaryFocalCrossentropy,
  binaryFocalCrossentropyLoss,
} from './binary_focal_crossentropy.js';
export {gaussianBhattacharyya} from './gaussian_bhattacharyya.js';
export {gaussianKl} from './gaussian_kl.js';
export {gaussianWasserstein} from './gaussian_wasserstein.js';
export {
  type GlobalPointerCrossentropyArgs,
  globalPointerCrossentropy,
  globalPointerCrossentropyLoss,
} from './global_pointer_crossentropy.js';
export {type GlobalPointerKlArgs, globalPointerKl, globalPointerKlLoss} from './global_pointer_kl.js';
export {hsic, hsicLoss} from './hsic.js';
export {
  type MultilabelCategoricalCrossentropyArgs,
  multilabelCategoricalCrossentropy,
  multilabelCategoricalCrossentropyLoss,
} from './multilabel_categorical_crossentropy.js';
export {type RDropArgs, rDrop, rDropLoss} from './r_drop.js';
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
