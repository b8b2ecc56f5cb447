/// <reference types="node" />
import {execFileSync} from 'node:child_process';
import {existsSync} from 'node:fs';
import {join} from 'node:path';

import {SetupError} from './setup_error.js';

const DRIVERS = ['/usr/lib/x86_64-linux-gnu', '/usr/lib64', '/usr/lib/wsl/lib', '/usr/local/nvidia/lib64'];

/** Fails with what is missing before anything is downloaded. */
export function checkRequirements(python: string): void {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new SetupError(
      `TensorFlow's wheels carry a library that tfjs-node can be built against for Linux on x64, not for ${process.platform} on ${process.arch}`,
      'The webgpu backend needs no native build: see startWebGpu of tfjs-addons/node.',
    );
  }
  check([python, '-m', 'pip', '--version'], 'Python 3 with pip', 'apt-get install python3-pip, or set PYTHON to one');
  check([process.env.CXX ?? 'c++', '--version'], 'a C++ compiler', 'apt-get install g++ make, or set CXX to one');
  check(['make', '--version'], 'make', 'apt-get install g++ make');
}

function check([command, ...args]: string[], what: string, hint: string): void {
  if (!runs(command, args)) throw new SetupError(`${what} is missing: \`${[command, ...args].join(' ')}\` fails`, hint);
}

function runs(command: string, args: string[]): boolean {
  try {
    execFileSync(command, args, {stdio: 'ignore'});
    return true;
  } catch {
    return false;
  }
}

/** Whether the driver of an NVIDIA card is there, which brings `libcuda.so.1`; CUDA itself need not be. */
export function hasNvidiaDriver(): boolean {
  const folders = [...DRIVERS, ...(process.env.LD_LIBRARY_PATH ?? '').split(':')];
  return folders.some(folder => folder !== '' && existsSync(join(folder, 'libcuda.so.1')));
}
