import {LayersModel} from '@tensorflow/tfjs-layers';

import {isDefinedLoss} from '../loss_marker.js';

/** What `compile` leaves in a model and `fit` checks targets against; a Sequential has it in a model of its own. */
interface Compiled {
  loss: unknown;
  outputNames: string[];
  feedOutputShapes: (unknown | null)[];
  model?: Compiled;
}

const repaired = new WeakSet<object>();

/**
 * Lets `fit` take the targets of sparse losses: tfjs demands targets of the output's shape. Losses of this package
 * check their targets, so for them the demand is lifted.
 */
export function repairTargetShapes(): void {
  const {compile} = LayersModel.prototype;
  if (repaired.has(compile)) return;
  const compileRelaxed: typeof compile = function (this: LayersModel, args) {
    compile.call(this, args);
    relaxTargetShapes(this, isDefinedLoss);
  };
  repaired.add(compileRelaxed);
  LayersModel.prototype.compile = compileRelaxed;
}

/** Lifts the demand for the outputs whose loss is a function of which `which` holds. */
export function relaxTargetShapes(model: LayersModel, which: (loss: object) => boolean): void {
  const compiled = model as unknown as Compiled;
  const holder = compiled.model ?? compiled;
  holder.outputNames.forEach((name, output) => {
    const loss = lossOf(holder.loss, name, output);
    if (typeof loss === 'function' && which(loss)) holder.feedOutputShapes[output] = null;
  });
}

function lossOf(loss: unknown, name: string, output: number): unknown {
  if (Array.isArray(loss)) return loss[output];
  return typeof loss === 'object' && loss !== null ? (loss as Record<string, unknown>)[name] : loss;
}
