/** Transforms of the batches of a dataset: `dataset.batch(32).map(tfa.data.mixup())`. */
export type {Batch, Tensors} from './batch.js';
export {type MixupArgs, mixup} from './mixup.js';
export {type RDropPairsArgs, rDropPairs} from './r_drop_pairs.js';
export {type SamplePairingArgs, samplePairing} from './sample_pairing.js';
