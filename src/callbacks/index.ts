export {
  LearningRateScheduler,
  type LearningRateSchedulerArgs,
  learningRateScheduler,
} from './learning_rate_scheduler.js';
