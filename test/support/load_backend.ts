import type {BackendName} from './backend.js';

/** Installed by `npm run setup:tensorflow` and absent from package.json, so not a literal that tsc resolves. */
const TFJS_NODE: string = process.env.TFJS_NODE_PACKAGE ?? '@tensorflow/tfjs-node';

/** Loads the package of a backend. The browser runner replaces this file: there the page brings the backends. */
export async function loadBackend(name: BackendName): Promise<void> {
  switch (name) {
    case 'cpu':
      await import('@tensorflow/tfjs-backend-cpu');
      break;
    case 'wasm':
      await import('@tensorflow/tfjs-backend-wasm');
      break;
    case 'tensorflow':
      await import(TFJS_NODE);
      break;
    case 'webgpu':
      await import('@tensorflow/tfjs-backend-webgpu');
      break;
    case 'webgl':
      throw new Error('webgl runs in a browser only: TFJS_BACKEND=chromium-webgl npx jest');
  }
}
