import type {serialization} from '@tensorflow/tfjs-core';

import {check} from './check.js';
import type {LayerArgs} from './tfjs_types.js';

/** Arguments of every layer, most of which its config leaves out. */
const OF_LAYERS: readonly (keyof LayerArgs)[] = [
  'name',
  'trainable',
  'dtype',
  'inputShape',
  'batchInputShape',
  'batchSize',
  'weights',
  'inputDType',
];

/** Every name of an option in `T`. */
export type OptionNames<T extends object> = {readonly [Name in keyof T]-?: true};

/** Throws for an option that is none of `names`: a misspelt one would go unnoticed where nothing checks types. */
export const checkOptions = <T extends object>(options: Partial<T>, names: OptionNames<T>, where: string): void =>
  checkNames(options, Object.keys(names), where);

/** What a factory made of `options`, after a look whether it knows them all: those that it keeps are in its config. */
export function withKnownOptions<T extends serialization.Serializable>(made: T, options: object = {}): T {
  checkNames(options, Object.keys(made.getConfig()), made.getClassName(), OF_LAYERS);
  return made;
}

/** @param others Names that are known as well, and not worth naming. */
function checkNames(options: object, names: readonly string[], where: string, others: readonly string[] = []): void {
  const isStrange = ([name, value]: [string, unknown]) =>
    value !== undefined && !names.includes(name) && !others.includes(name);
  const stranger = Object.entries(options).find(isStrange)?.[0];
  check(stranger === undefined, where, `options out of ${names.join(', ')}`, stranger);
}
