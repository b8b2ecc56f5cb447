import * as tf from '@tensorflow/tfjs-core';

/** The numbers of a step, the same for every variable of a launch. */
export type Constants = Record<string, number>;

/** An element-wise update: from parameter, gradient and slots to the new parameter and slots. */
export interface UpdateRule {
  /** Name of the kernel. */
  op: string;
  /** Names of the slots, in the order of `reference`'s lists. */
  slots: readonly string[];
  /** Names of the constants. */
  constants: readonly string[];
  /** Composed of tfjs ops: the new parameter and then the new slots. */
  reference(parameter: tf.Tensor, gradient: tf.Tensor, slots: readonly tf.Tensor[], constants: Constants): tf.Tensor[];
}

/** One variable of a launch. */
export interface Target {
  parameter: tf.Variable;
  gradient: tf.Tensor;
  slots: tf.Variable[];
}

/** Carries out one step of `rule` for all targets. */
export function applyRule(rule: UpdateRule, targets: readonly Target[], constants: Constants): void {
  tf.tidy(() => {
    for (const {parameter, gradient, slots} of targets) {
      const [value, ...state] = rule.reference(parameter, gradient, slots, constants);
      parameter.assign(value);
      slots.forEach((slot, i) => {
        slot.assign(state[i]);
      });
    }
  });
}
