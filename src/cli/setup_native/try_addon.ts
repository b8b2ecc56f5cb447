/// <reference types="node" />
import {execFileSync} from 'node:child_process';

import type {InstalledPackage} from './installed_package.js';
import {SetupError} from './setup_error.js';

/** What ran the trial. */
export interface Trial {
  tensorflow: string;
  /** Whether TensorFlow found a CUDA device, which it then computes on. */
  gpu: boolean;
}

/** A matrix product and a training step, in a process of their own: native code may end it. */
const PROGRAM = `
const util = require('node:util');
util.isNullOrUndefined ??= value => value === null || value === undefined;
util.isArray ??= Array.isArray;
const tf = require(process.argv[1]);
const x = tf.variable(tf.matMul(tf.ones([8, 8]), tf.ones([8, 8])));
tf.train.sgd(0.5).minimize(() => tf.mean(tf.square(x)));
const value = x.arraySync()[0][0];
if (tf.getBackend() !== 'tensorflow') throw new Error('the backend is ' + tf.getBackend());
if (Math.abs(value - 7.875) > 1e-6) throw new Error('the training step gives ' + value + ' instead of 7.875');
console.log('RESULT ' + JSON.stringify({tensorflow: tf.backend().binding.TF_Version, gpu: tf.backend().isUsingGpuDevice}));`;

export function tryAddon({name, folder}: InstalledPackage): Trial {
  try {
    const output = execFileSync(process.execPath, ['-e', PROGRAM, folder], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {...process.env, TF_CPP_MIN_LOG_LEVEL: '2'},
    });
    return JSON.parse(output.match(/^RESULT (.*)$/m)![1]) as Trial;
  } catch (error) {
    const {stderr, message} = error as {stderr?: string; message: string};
    throw new SetupError(`${name} was built but does not run:\n${stderr ?? message}`, 'The previous build is back.');
  }
}
