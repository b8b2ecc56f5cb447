export {FastOrthogonal, type FastOrthogonalArgs, fastOrthogonal} from './fast_orthogonal.js';
export {VarianceScalingExact, type VarianceScalingExactArgs, varianceScalingExact} from './variance_scaling_exact.js';
