import * as tf from '@tensorflow/tfjs';
import {allowTfjsNodeOnNode24, startWebGpu} from 'tfjs-addons/node';

export const BACKENDS = ['tensorflow', 'webgpu'] as const;
export type BackendName = (typeof BACKENDS)[number];

/** Not among the dependencies, as its install script downloads TensorFlow 2.9; hence no literal that tsc resolves. */
const TFJS_NODE_GPU: string = '@tensorflow/tfjs-node-gpu';

/** Drivers that compute on the processor. */
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|software|basic render/i;

/** What computes. */
export interface Device {
  name: string;
  isGpu: boolean;
}

/**
 * Starts a backend on a GPU.
 * @param allowCpu Goes on where there is only a processor, instead of throwing.
 */
export async function startGpu(backend: BackendName, allowCpu: boolean): Promise<Device> {
  const device = backend === 'webgpu' ? await startDawn() : await startCuda();
  if (!device.isGpu && !allowCpu) {
    throw new Error(`${backend} would run on ${device.name}, not on a GPU.\n${REMEDIES[backend]}`);
  }
  return device;
}

const REMEDIES: Record<BackendName, string> = {
  tensorflow: '`nvidia-smi` must list the card. Then: npx tfjs-addons setup-native --gpu',
  webgpu: '`vulkaninfo --summary` must list the card. Install its driver, and unset VK_ICD_FILENAMES.',
};

async function startDawn(): Promise<Device> {
  const {vendor, architecture, description} = await startWebGpu();
  const name = [vendor, architecture, description].filter(Boolean).join(' ');
  return {name, isGpu: !SOFTWARE.test(name)};
}

async function startCuda(): Promise<Device> {
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  allowTfjsNodeOnNode24();
  try {
    await import(TFJS_NODE_GPU);
  } catch (error) {
    const [cause] = (error as Error).message.split('\n');
    throw new Error(
      `${TFJS_NODE_GPU} does not load (${cause}).\n` +
        `npm install --no-save --ignore-scripts ${TFJS_NODE_GPU}@4.22.0 && npx tfjs-addons setup-native --gpu`,
    );
  }
  if (!(await tf.setBackend('tensorflow'))) throw new Error('the backend tensorflow did not start');
  const {isUsingGpuDevice, binding} = tf.backend() as unknown as {
    isUsingGpuDevice: boolean;
    binding: {TF_Version: string};
  };
  const on = isUsingGpuDevice ? 'a CUDA device' : 'the processor';
  return {name: `${on}, TensorFlow ${binding.TF_Version}`, isGpu: isUsingGpuDevice};
}
