/** Names and configs of tfjs's initializers, regularizers, constraints and activations, through public functions. */
import * as tf from '@tensorflow/tfjs-core';
import {constraints, initializers, layers, regularizers} from '@tensorflow/tfjs-layers';

import {check} from './check.js';

/** `{className, config}`, the form in which an object stands inside a config. */
export interface SerializedObject {
  className: string;
  config: tf.serialization.ConfigDict;
}

type Instance<F extends (...args: never[]) => unknown> = ReturnType<F>;
export type Initializer = Instance<typeof initializers.zeros>;
export type Regularizer = Instance<typeof regularizers.l2>;
export type Constraint = Instance<typeof constraints.nonNeg>;

/** A name of tfjs (`'glorotUniform'`), a config, or an instance. */
export type InitializerIdentifier = string | SerializedObject | Initializer;
export type RegularizerIdentifier = string | SerializedObject | Regularizer;
export type ConstraintIdentifier = string | SerializedObject | Constraint;

export const resolveInitializer = (id: InitializerIdentifier, where: string): Initializer =>
  resolve<Initializer>(id, initializers as never, where, 'an initializer');

export const resolveRegularizer = (
  id: RegularizerIdentifier | null | undefined,
  where: string,
): Regularizer | undefined =>
  id == null ? undefined : resolve<Regularizer>(id, regularizers as never, where, 'a regularizer');

export const resolveConstraint = (
  id: ConstraintIdentifier | null | undefined,
  where: string,
): Constraint | undefined =>
  id == null ? undefined : resolve<Constraint>(id, constraints as never, where, 'a constraint');

function resolve<T>(
  id: string | SerializedObject | T,
  factories: Record<string, (config?: object) => T>,
  where: string,
  kind: string,
): T {
  if (typeof id !== 'string' && !isSerialized(id)) return id;
  const [name, config] = typeof id === 'string' ? [id, {}] : [id.className, id.config];
  const factory = factories[name];
  if (typeof factory === 'function') return factory(config);
  return deserialize<T>({className: name[0].toUpperCase() + name.slice(1), config}, where, kind);
}

const isSerialized = (id: unknown): id is SerializedObject =>
  typeof id === 'object' && id !== null && typeof (id as SerializedObject).className === 'string' && 'config' in id;

/** The registered class named in `{className, config}`, made from its config. */
export function deserialize<T>({className, config}: SerializedObject, where: string, kind: string): T {
  const entry = tf.serialization.SerializationMap.getMap().classNameMap[className];
  check(
    entry !== undefined,
    where,
    `${kind} that is registered with tf.serialization`,
    className,
    "Import its class, or 'tfjs-addons/register' for all of this package, before loading.",
  );
  const [cls, fromConfig] = entry;
  return fromConfig(cls, config) as T;
}

/** `{className, config}` of an initializer, regularizer, constraint or optimizer; `null` for nothing. */
export function serialize(instance: tf.serialization.Serializable): SerializedObject;
export function serialize(instance: tf.serialization.Serializable | undefined): SerializedObject | null;
export function serialize(instance: tf.serialization.Serializable | undefined): SerializedObject | null {
  return instance === undefined ? null : {className: instance.getClassName(), config: instance.getConfig()};
}

/** An activation by the name tfjs knows it under, built in or registered. */
export function resolveActivation(name: string): (x: tf.Tensor) => tf.Tensor {
  const layer = layers.activation({activation: name as never});
  return x => layer.call(x, {}) as tf.Tensor;
}
