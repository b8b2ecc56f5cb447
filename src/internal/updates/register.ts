import {registerHostRule} from './host.js';
import type {UpdateRule} from './rule.js';
import {registerWebgpuRule} from './webgpu.js';

/** Registers the fused kernels of a rule on every backend that can have one. */
export function registerRule(rule: UpdateRule): void {
  registerHostRule(rule);
  registerWebgpuRule(rule);
}
