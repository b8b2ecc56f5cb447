import type {BackendName} from '../../engine/protocol.ts';

export const BACKEND_TITLES: Record<BackendName, string> = {webgpu: 'WebGPU', webgl: 'WebGL', wasm: 'WebAssembly'};
