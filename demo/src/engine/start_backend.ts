import '@tensorflow/tfjs-backend-webgpu';

import * as tf from '@tensorflow/tfjs';

import type {BackendName, Skipped} from './protocol.ts';

interface Running {
  backend: BackendName;
  adapter: string;
  skipped: Skipped[];
}

/** Starts the first of `wanted` that this browser has, and says why those before it were skipped. */
export async function startBackend(wanted: readonly BackendName[]): Promise<Running> {
  const skipped: Skipped[] = [];
  for (const backend of wanted) {
    const outcome = await start(backend);
    if (typeof outcome === 'string') return {backend, adapter: outcome, skipped};
    skipped.push({backend, ...outcome});
  }
  throw new Error(skipped.map(({backend, detail}) => `${backend}: ${detail}`).join('; '));
}

/** The name of the device, or what stands in the way. */
async function start(backend: BackendName): Promise<string | Omit<Skipped, 'backend'>> {
  let adapter = 'CPU';
  try {
    if (backend === 'webgpu') {
      if (navigator.gpu === undefined) return {obstacle: 'missing', detail: 'navigator.gpu is not there'};
      const found = await navigator.gpu.requestAdapter();
      if (found === null) return {obstacle: 'no adapter', detail: 'requestAdapter() gives null'};
      adapter = nameOf(found.info);
    }
    if (backend === 'webgl' && new OffscreenCanvas(1, 1).getContext('webgl2') === null) {
      return {obstacle: 'missing', detail: 'no WebGL 2 context'};
    }
    if (backend === 'wasm') await loadWasm();
    const started = await tf.setBackend(backend);
    if (!started || tf.getBackend() !== backend) return {obstacle: 'failed', detail: 'the backend did not start'};
    if (backend === 'webgl') adapter = rendererOf(glContext());
    return adapter;
  } catch (error) {
    return {obstacle: 'failed', detail: (error as Error).message};
  }
}

/** The variant with threads needs headers that few static hosts send; tfjs takes it only where they are. */
async function loadWasm(): Promise<void> {
  const [{setWasmPaths}, {default: plain}, {default: simd}, {default: threaded}] = await Promise.all([
    import('@tensorflow/tfjs-backend-wasm'),
    import('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url'),
    import('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url'),
    import('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url'),
  ]);
  setWasmPaths({
    'tfjs-backend-wasm.wasm': plain,
    'tfjs-backend-wasm-simd.wasm': simd,
    'tfjs-backend-wasm-threaded-simd.wasm': threaded,
  });
}

export const glContext = (): WebGL2RenderingContext =>
  (tf.backend() as unknown as {gpgpu: {gl: WebGL2RenderingContext}}).gpgpu.gl;

function rendererOf(gl: WebGL2RenderingContext): string {
  const extension = gl.getExtension('WEBGL_debug_renderer_info');
  return String(gl.getParameter(extension?.UNMASKED_RENDERER_WEBGL ?? gl.RENDERER));
}

const nameOf = ({description, vendor, architecture}: GPUAdapterInfo): string =>
  description || [vendor, architecture].filter(Boolean).join(' ') || 'WebGPU';
