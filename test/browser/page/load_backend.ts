import type {BackendName} from '../../support/backend.js';

/** Loads the package of a backend that runs in a page. */
export async function loadBackend(name: BackendName): Promise<void> {
  switch (name) {
    case 'webgl':
      await import('@tensorflow/tfjs-backend-webgl');
      break;
    case 'webgpu':
      await import('@tensorflow/tfjs-backend-webgpu');
      break;
    default:
      throw new Error(`${name} runs in Node: TFJS_BACKEND=${name} npx jest`);
  }
}
