import * as tf from '@tensorflow/tfjs-core';

import {type Inputs, runKernelOr} from '../kernels.js';
import type {Attribute} from '../tensorflow_ops.js';
import {apart, own} from './owned.js';

/** The numbers of a step, the same for every variable of a launch. */
export type Constants = Record<string, number>;

/**
 * An element-wise update: from parameter, gradient and slots to the new parameter and slots.
 *
 * The formula stands here three times, for tfjs ops, as a loop and as WGSL, and once more in assembly/updates.ts;
 * `test/internal/updates.test.ts` and `update_rules_simd.test.ts` compare them.
 */
export interface UpdateRule {
  /** Name of the kernel. */
  op: string;
  /** Names of the slots, in the order of the lists below; in WGSL the names of the variables. */
  slots: readonly string[];
  /** Names of the constants; in WGSL `c.name`. */
  constants: readonly string[];
  /** Composed of tfjs ops: the new parameter and then the new slots. */
  reference(parameter: tf.Tensor, gradient: tf.Tensor, slots: readonly tf.Tensor[], constants: Constants): tf.Tensor[];
  /** The elements `from` to `to`: slots in place, parameters into `out`, which may be `parameter`. */
  loop(arrays: LoopArrays, constants: Constants): void;
  /** Statements that assign `p` and the slots, of type f32 or vec4f like the gradient `g`. */
  wgsl: string;
  /** The rule's function in assembly/updates.ts. */
  simd: 'adam' | 'lion';
  /** The TensorFlow op that is the same rule, where there is one. */
  native?(constants: Constants): NativeRule;
}

/** An op on resources, whose inputs are parameter, slots, scalars and gradient. */
export interface NativeRule {
  op: string;
  attributes: Record<string, Attribute>;
  scalars: number[];
  /** The op gets this times the parameter. */
  shrink: number;
}

export interface LoopArrays {
  parameter: Float32Array;
  gradient: Float32Array;
  slots: Float32Array[];
  /** The new parameters. */
  out: Float32Array;
  /** Index of the first element in all but `gradient`, where it is `gradientFrom`. */
  from: number;
  gradientFrom: number;
  length: number;
}

/** One variable of a launch. */
export interface Target {
  parameter: tf.Variable;
  gradient: tf.Tensor;
  slots: tf.Variable[];
}

/** What the kernels get besides their inputs. */
export interface RuleAttrs {
  constants: Constants;
  targets: readonly Target[];
}

/** Carries out one step of `rule` for all targets. */
export function applyRule(rule: UpdateRule, targets: readonly Target[], constants: Constants): void {
  if (targets.length === 0) return;
  tf.tidy(() => {
    const safe = targets.map(target => prepared(target));
    const attrs: RuleAttrs = {constants, targets: safe};
    const updated = runKernelOr(rule.op, inputsOf(rule, safe), attrs, () =>
      safe.map(target => composed(rule, target, constants)),
    );
    safe.forEach(({parameter}, i) => {
      parameter.assign(updated[i]);
    });
  });
}

/** Ready to be written to in place. */
function prepared(target: Target): Target {
  const {parameter, gradient, slots} = target;
  const written = [parameter, ...slots];
  written.forEach(own);
  return {parameter, gradient: apart(gradient, written), slots};
}

function inputsOf(rule: UpdateRule, targets: readonly Target[]): Inputs {
  const inputs: Inputs = {};
  targets.forEach(({parameter, gradient, slots}, i) => {
    inputs[`parameter${i}`] = parameter;
    inputs[`gradient${i}`] = gradient;
    rule.slots.forEach((slot, j) => {
      inputs[`${slot}${i}`] = slots[j];
    });
  });
  return inputs;
}

/** The new parameter; the slots take their new values. */
function composed(rule: UpdateRule, {parameter, gradient, slots}: Target, constants: Constants): tf.Tensor {
  const [updated, ...state] = rule.reference(parameter, gradient, slots, constants);
  slots.forEach((slot, i) => {
    slot.assign(state[i]);
  });
  return updated;
}
