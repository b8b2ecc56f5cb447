import {fusedKernel} from '../../internal/kernels.js';
import {spanScoresOnHost} from './host.js';
import {SPAN_SCORES} from './name.js';
import {spanScoresOnWebgpu} from './webgpu.js';

/** Registers the kernels of both heads' scores. */
export function registerSpanScores(): void {
  fusedKernel(SPAN_SCORES, spanScoresOnWebgpu);
  for (const backend of ['cpu', 'wasm']) fusedKernel(SPAN_SCORES, {...spanScoresOnHost, backend});
}
