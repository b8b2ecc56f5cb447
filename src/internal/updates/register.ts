import {registerHostRule} from './host.js';
import {registerHostRowRule} from './rows_host.js';
import {registerTensorflowRowRule} from './rows_tensorflow.js';
import {registerWebgpuRowRule} from './rows_webgpu.js';
import type {UpdateRule} from './rule.js';
import {registerTensorflowRule} from './tensorflow.js';
import {registerWebgpuRule} from './webgpu.js';

/** Registers the fused kernels of a rule, for whole variables and for rows, on every backend that can have one. */
export function registerRule(rule: UpdateRule): void {
  registerHostRule(rule);
  registerWebgpuRule(rule);
  registerTensorflowRule(rule);
  registerHostRowRule(rule);
  registerWebgpuRowRule(rule);
  registerTensorflowRowRule(rule);
}
