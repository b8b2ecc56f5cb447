/// <reference types="node" />
import {homedir} from 'node:os';
import {join} from 'node:path';

import {compile, layOut} from './build.js';
import {type InstalledPackage, installedPackage} from './installed_package.js';
import {checkRequirements, hasNvidiaDriver} from './requirements.js';
import {SetupError} from './setup_error.js';
import {type Trial, tryAddon} from './try_addon.js';
import {orUndo} from './undo.js';
import {Wheels} from './wheels.js';

export interface SetupNativeArgs {
  /** TensorFlow for CUDA 12 with its libraries, instead of the one for processors. Default false. */
  gpu?: boolean;
  /** With `gpu`: goes on where no CUDA device is found, and computes on the processor. Default false. */
  allowCpu?: boolean;
  /** `@tensorflow/tfjs-node` or `@tensorflow/tfjs-node-gpu`. Default: the one that is installed. */
  package?: string;
  /** The version of TensorFlow. Default 2.21.0, which is tested. */
  tensorflow?: string;
  /** Where wheels are unpacked. Default `tfjs-addons` in the user's cache folder. */
  cache?: string;
  /** The folder of the project. Default the current one. */
  project?: string;
  /** Default `console.log`. */
  log?: (line: string) => void;
}

/** TensorFlow 2.21 is the last that was tried behind the addon of tfjs-node 4.22. */
const TENSORFLOW = '2.21.0';

const NO_DRIVER = `no NVIDIA driver: libcuda.so.1 was not found, so TensorFlow cannot use a GPU`;
const NO_DRIVER_HINT =
  'Install the driver of the card (in a container: run it with --gpus all), or add --allow-cpu to build all the same. Any other GPU: the webgpu backend, startWebGpu of tfjs-addons/node.';

/**
 * Builds the addon of an installed tfjs-node or tfjs-node-gpu against a current TensorFlow wheel of PyPI, and tries it.
 * What was there before comes back when a step fails.
 *
 * @throws SetupError for what is missing, for a build or trial that fails, and with `gpu` for a trial without CUDA device
 *   unless `allowCpu`.
 */
export function setupNative(args: SetupNativeArgs = {}): Trial & {package: InstalledPackage} {
  const {gpu = false, allowCpu = false, tensorflow: version = TENSORFLOW, log = console.log} = args;
  const python = process.env.PYTHON ?? 'python3';
  checkRequirements(python);
  const target = installedPackage(args.project ?? process.cwd(), gpu, args.package);
  const driver = hasNvidiaDriver();
  if (gpu && !driver && !allowCpu) throw new SetupError(NO_DRIVER, NO_DRIVER_HINT);

  const wheels = new Wheels(python, args.cache ?? defaultCache(), log);
  const tensorflow = wheels.tensorflow(version, gpu);
  if (gpu && !driver) log('Without a driver the CUDA libraries are of no use: they are not downloaded.');
  const cuda = gpu && driver ? wheels.cuda(version, tensorflow) : undefined;
  const trial = orUndo(target.folder, () => {
    log(`Building ${target.name} ${target.version} against TensorFlow ${version}${gpu ? ' for CUDA 12' : ''}`);
    layOut(target.folder, tensorflow, cuda);
    compile(target.folder);
    const trial = tryAddon(target);
    if (gpu && !trial.gpu && !allowCpu) {
      throw new SetupError(
        'TensorFlow runs, but finds no CUDA device',
        '`nvidia-smi` must list the card, and its driver must support CUDA 12 (525 or newer). --allow-cpu keeps the build.',
      );
    }
    return trial;
  });
  return {...trial, package: target};
}

const defaultCache = (): string => join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'tfjs-addons');
