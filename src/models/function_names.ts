/** Losses and metrics of a compiled model as JSON, and back. */
import {losses as coreLosses} from '@tensorflow/tfjs-core';
import {metrics} from '@tensorflow/tfjs-layers';

import {check} from '../internal/check.js';
import {describeLoss, type LossDescription, type LossFunction, makeLoss} from '../internal/named_functions.js';

/** One loss or metric: a name that tfjs knows, or where to find the function. */
type SavedFunction = string | {defined: LossDescription} | {tfjs: string} | {given: string};

/** What `compile` takes: one, a list, or a map from outputs. */
export type Nested<T> = T | Nested<T>[] | {[output: string]: Nested<T>};
export type FunctionOrName = string | LossFunction;
export type SavedFunctions = {leaf: SavedFunction} | SavedFunctions[] | {outputs: {[name: string]: SavedFunctions}};

const TFJS = {...metrics, ...coreLosses} as unknown as Record<string, LossFunction>;

/** Names every function in what a model was compiled with. */
export function saveFunctions(functions: Nested<FunctionOrName>): SavedFunctions {
  if (typeof functions === 'string' || typeof functions === 'function') return {leaf: saveFunction(functions)};
  if (Array.isArray(functions)) return functions.map(saveFunctions);
  return {outputs: mapValues(functions, saveFunctions)};
}

function saveFunction(fn: FunctionOrName): SavedFunction {
  if (typeof fn === 'string') return fn;
  const defined = describeLoss(fn);
  if (defined !== undefined) return {defined};
  const [tfjs] = Object.entries(TFJS).find(([, known]) => known === fn) ?? [];
  if (tfjs !== undefined) return {tfjs};
  check(
    fn.name !== '',
    'saveModel',
    'losses and metrics that can be found again when the model is loaded',
    fn,
    'Give the function a name, and hand it to loadModel as {functions: {name}}.',
  );
  return {given: fn.name};
}

/** The functions again; `given` are those that tfjs and this package do not know. */
export function loadFunctions(saved: SavedFunctions, given: Record<string, LossFunction>): Nested<FunctionOrName> {
  if (Array.isArray(saved)) return saved.map(entry => loadFunctions(entry, given));
  if ('outputs' in saved) return mapValues(saved.outputs, entry => loadFunctions(entry, given));
  return loadFunction(saved.leaf, given);
}

function loadFunction(saved: SavedFunction, given: Record<string, LossFunction>): FunctionOrName {
  if (typeof saved === 'string') return saved;
  if ('defined' in saved) return makeLoss(saved.defined);
  if ('tfjs' in saved) return TFJS[saved.tfjs];
  const fn = given[saved.given];
  check(
    typeof fn === 'function',
    'loadModel',
    `the function ${saved.given}, with which the model was compiled, in options.functions`,
    Object.keys(given),
    `loadModel(…, {functions: {${saved.given}}}) hands it over; {includeOptimizer: false} loads without it.`,
  );
  return fn;
}

const mapValues = <T, R>(map: Record<string, T>, f: (value: T) => R): Record<string, R> =>
  Object.fromEntries(Object.entries(map).map(([name, value]) => [name, f(value)]));
