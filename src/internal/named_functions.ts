/**
 * Losses and metrics by name, so that `saveModel` can write which one a model was compiled with and `loadModel`
 * can make it again. Defining one is part of its file: `export const hinge = defineLoss('hinge', (y, p) => …)`.
 */
import type * as tf from '@tensorflow/tfjs-core';

import {check} from './check.js';
import {checkOptions, type OptionNames} from './known_options.js';
import {DESCRIPTION} from './loss_marker.js';
import {setUpTfjs} from './setup.js';

setUpTfjs();

/** What `model.compile` takes as a loss or as a metric. */
export type LossFunction = (yTrue: tf.Tensor, yPred: tf.Tensor) => tf.Tensor;

/** Everything that is needed to make a loss again, as JSON. */
export interface LossDescription {
  name: string;
  options?: Record<string, unknown>;
}

/** A loss among the options of another. */
interface LossOption {
  definedLoss: LossDescription;
}

type Maker = (options?: never) => LossFunction;
type Described = LossFunction & {[DESCRIPTION]?: LossDescription};

const makers = new Map<string, Maker>();

/** Defines a loss or metric without options. `name` is the exported name; histories and logs show it. */
export function defineLoss<F extends LossFunction>(name: string, fn: F): F {
  makers.set(name, () => fn);
  return describe(fn, {name});
}

/**
 * Defines a maker of losses or metrics, which returns a new function each time; `name` is the maker's exported
 * name. The options must survive JSON, except for losses among them, which must be defined here as well.
 */
export function defineLossMaker<O extends object>(
  name: string,
  maker: (options?: O) => LossFunction,
  names: OptionNames<O>,
): (options?: O) => LossFunction {
  const describing = (options?: O) => {
    checkOptions(options ?? {}, names, name);
    return describe(maker(options), {name, options: {...options}});
  };
  makers.set(name, describing as Maker);
  return Object.defineProperty(describing, 'name', {value: name});
}

/** How to make `fn` again; `undefined` for a function that was not defined here. */
export function describeLoss(fn: LossFunction): LossDescription | undefined {
  const description = (fn as Described)[DESCRIPTION];
  if (description?.options === undefined) return description;
  const options = Object.entries(description.options).map(([key, value]) => [
    key,
    typeof value === 'function' ? describeOption(value as LossFunction, description.name, key) : value,
  ]);
  return {name: description.name, options: Object.fromEntries(options)};
}

function describeOption(fn: LossFunction, loss: string, key: string): LossOption {
  const definedLoss = describeLoss(fn);
  check(definedLoss !== undefined, loss, `option ${key} to be a loss that can be saved by name`, fn);
  return {definedLoss};
}

/** The loss or metric that `describeLoss` described. */
export function makeLoss({name, options}: LossDescription): LossFunction {
  const maker = makers.get(name);
  check(
    maker !== undefined,
    'loadModel',
    'a loss or metric that has been imported',
    name,
    `Import ${name} from 'tfjs-addons/losses' or 'tfjs-addons/metrics', or everything from 'tfjs-addons/register'.`,
  );
  if (options === undefined) return maker();
  const made = Object.entries(options).map(([key, value]) => [
    key,
    isLossOption(value) ? makeLoss(value.definedLoss) : value,
  ]);
  return maker(Object.fromEntries(made) as never);
}

const isLossOption = (value: unknown): value is LossOption =>
  typeof value === 'object' && value !== null && 'definedLoss' in value;

/** Minifiers empty the names of functions, and histories are keyed by them. */
function describe<F extends LossFunction>(fn: F, description: LossDescription): F {
  Object.defineProperty(fn, 'name', {value: description.name, configurable: true});
  return Object.defineProperty(fn, DESCRIPTION, {value: description, configurable: true});
}
