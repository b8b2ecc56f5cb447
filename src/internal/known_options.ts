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

/**
 * What a factory made of `options`, after a look whether it knows them all: those that it keeps are in its config. A
 * misspelt one would go unnoticed where nothing checks types.
 */
export function withKnownOptions<T extends serialization.Serializable>(made: T, options: object = {}): T {
  const known = Object.keys(made.getConfig());
  const unknown = Object.entries(options).filter(([name, value]) => value !== undefined && !known.includes(name));
  const [stranger] = unknown.map(([name]) => name).filter(name => !(OF_LAYERS as readonly string[]).includes(name));
  check(stranger === undefined, made.getClassName(), `options out of ${known.join(', ')}`, stranger);
  return made;
}

/** Every name of an option in `T`. */
export type OptionNames<T extends object> = {readonly [Name in keyof T]-?: true};

/** Throws for an option that is none of `names`, for functions that keep no config. */
export function checkOptions<T extends object>(options: Partial<T>, names: OptionNames<T>, where: string): void {
  const [stranger] = Object.entries(options).filter(([name, value]) => value !== undefined && !(name in names));
  check(stranger === undefined, where, `options out of ${Object.keys(names).join(', ')}`, stranger?.[0]);
}
