/**
 * Update rules on tfjs-node. An op of TensorFlow takes 5 to 10 µs to launch, so small variables of one width are
 * laid end to end and updated together: one concatenation each for parameters, gradients and slots, the rule, and
 * splits that move nothing. Larger variables are updated where they are.
 *
 * The rule is TensorFlow's own op where it has one, else the composed reference.
 */
import * as tf from '@tensorflow/tfjs-core';

import {fusedKernel, type Inputs} from '../kernels.js';
import {takeNative} from '../native_memory.js';
import {TensorflowOps} from '../tensorflow_ops.js';
import {onResources} from './resources.js';
import type {Constants, NativeRule, RuleAttrs, Target, UpdateRule} from './rule.js';

/** Elements up to which a launch takes longer than to copy the variable. */
const SMALL = 1 << 16;

export function registerTensorflowRule(rule: UpdateRule): void {
  fusedKernel<Inputs, RuleAttrs>(rule.op, {
    backend: 'tensorflow',
    unsupported: (_, {targets}) =>
      targets.every(isPlain) ? undefined : 'a gradient of another shape or type than its variable',
    run: (_, attrs, backend) => runRule(rule, attrs, backend),
  });
}

const isPlain = ({parameter, gradient}: Target): boolean =>
  gradient.dtype === 'float32' && tf.util.arraysEqual(gradient.shape, parameter.shape);

function runRule(rule: UpdateRule, {targets, constants}: RuleAttrs, backend: tf.KernelBackend): tf.TensorInfo[] {
  const updated = new Map<Target, tf.Tensor>();
  for (const group of groups(targets)) {
    const parameters = tf.tidy(() =>
      group.length === 1
        ? [updateOne(rule, group[0], constants, backend)]
        : updateMany(rule, group, constants, backend),
    );
    group.forEach((target, i) => {
      updated.set(target, parameters[i]);
    });
  }
  return targets.map(target => updated.get(target)!);
}

/** Small variables by all lengths but their first; large ones alone. */
function groups(targets: readonly Target[]): Target[][] {
  const groups = new Map<string, Target[]>();
  for (const target of targets) {
    const {id, shape, size} = target.parameter;
    const key = shape.length === 0 || size > SMALL ? `alone ${id}` : `width ${shape.slice(1)}`;
    groups.set(key, [...(groups.get(key) ?? []), target]);
  }
  return [...groups.values()];
}

/** In place: the variables give up their memory, so that TensorFlow finds it in no other use. */
function updateOne(rule: UpdateRule, target: Target, constants: Constants, backend: tf.KernelBackend): tf.Tensor {
  const {parameter, gradient, slots} = target;
  const native = rule.native?.(constants);
  const [updated, ...state] =
    native === undefined
      ? rule.reference(parameter, gradient, slots, constants)
      : applyNative(native, [parameter, ...slots].map(takeNative), gradient, backend);
  slots.forEach((slot, i) => {
    slot.assign(state[i]);
  });
  return updated;
}

function updateMany(rule: UpdateRule, group: Target[], constants: Constants, backend: tf.KernelBackend): tf.Tensor[] {
  const ops = new TensorflowOps(backend);
  const first = tf.scalar(0, 'int32');
  const join = (tensors: tf.Tensor[]) =>
    ops.run('ConcatV2', [...tensors, first], {N: tensors.length, T: 'float32', Tidx: 'int32'});
  const lengths = tf.tensor1d(
    group.map(({parameter}) => parameter.shape[0]),
    'int32',
  );
  const split = (joined: tf.Tensor) =>
    ops.runMany(
      'SplitV',
      [joined, lengths, first],
      {T: 'float32', Tlen: 'int32', num_split: group.length},
      group.length,
    );
  const parameter = join(group.map(target => target.parameter));
  const gradient = join(group.map(target => target.gradient));
  const slots = rule.slots.map((_, j) => join(group.map(target => target.slots[j])));
  const native = rule.native?.(constants);
  const [updated, ...state] =
    native === undefined
      ? rule.reference(parameter, gradient, slots, constants)
      : applyNative(native, [parameter, ...slots], gradient, backend);
  state.forEach((joined, j) => {
    split(joined).forEach((slot, i) => {
      group[i].slots[j].assign(slot);
    });
  });
  return split(updated);
}

/** Of parameter and slots, which are used up. */
function applyNative(
  {op, attributes, scalars, shrink}: NativeRule,
  [parameter, ...slots]: tf.Tensor[],
  gradient: tf.Tensor,
  backend: tf.KernelBackend,
): tf.Tensor[] {
  const ops = new TensorflowOps(backend);
  const shrunk = shrink === 1 ? parameter : ops.mul(parameter, shrink);
  if (shrunk !== parameter) parameter.dispose();
  const inputs = scalars.map(value => tf.scalar(value));
  return onResources(ops, [shrunk, ...slots], handles => {
    ops.runMany(op, [...handles, ...inputs, gradient], attributes, 0);
  });
}
