/** Boolean attention masks, true = may read: for `mask` and `bias` of the attention ops and layers. */
export {causal} from './causal.js';
export {combine} from './combine.js';
export {padding} from './padding.js';
export {permutation} from './permutation.js';
export {prefix} from './prefix.js';
export {toBias} from './to_bias.js';
