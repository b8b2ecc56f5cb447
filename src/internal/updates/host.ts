/**
 * Update rules over the memory of `cpu` and `wasm`, one pass a variable: reads parameter, gradient and slots, writes
 * the slots in place and the parameter to a new tensor. The new tensor is what keeps arrays that `data()` gave on
 * cpu, and the weights that XNNPACK packed on wasm, from changing or going stale.
 */
import type * as tf from '@tensorflow/tfjs-core';

import {heapOf, hostMemory} from '../host_memory.js';
import {fusedKernel, type Inputs} from '../kernels.js';
import type {RuleAttrs, UpdateRule} from './rule.js';
import {runRule} from './run_rule.js';
import {writable} from './writable.js';

export function registerHostRule(rule: UpdateRule): void {
  for (const backend of ['cpu', 'wasm'] as const) {
    fusedKernel<Inputs, RuleAttrs>(rule.op, {backend, run: (_, attrs, host) => updateAll(rule, attrs, host)});
  }
}

function updateAll(rule: UpdateRule, {targets, constants}: RuleAttrs, backend: tf.KernelBackend): tf.TensorInfo[] {
  const memory = hostMemory(backend);
  const outputs = targets.map(({parameter}) => memory.make(parameter.shape, 'float32'));
  const heap = heapOf(backend);
  targets.forEach(({parameter, gradient, slots}, i) => {
    const view = (tensor: tf.TensorInfo) => memory.view(tensor) as Float32Array;
    const arrays = {
      parameter: view(parameter),
      gradient: view(gradient),
      slots: slots.map(slot => writable(slot, backend)),
      out: view(outputs[i]),
    };
    runRule(rule, arrays, constants, heap);
  });
  return outputs;
}
