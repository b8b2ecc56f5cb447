export {AccumulateGradients, type AccumulateGradientsArgs, accumulateGradients} from './accumulate_gradients.js';
export {AdamW, type AdamWArgs, adamW} from './adam_w.js';
export {AverageWeights, type AverageWeightsArgs, averageWeights} from './average_weights.js';
export {ClipGradients, type ClipGradientsArgs, clipGradients} from './clip_gradients.js';
export {Schedule, type ScheduleArgs, type ScheduleFunction, type ScheduleShape, schedule} from './schedule.js';
