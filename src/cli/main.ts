#!/usr/bin/env node
/// <reference types="node" />
import util from 'node:util';

import {setupNative} from './setup_native/index.js';
import {SetupError} from './setup_native/setup_error.js';

const HELP = `tfjs-addons setup-native [options]

Builds the addon of the installed @tensorflow/tfjs-node or @tensorflow/tfjs-node-gpu against the current TensorFlow
of PyPI, in place of the TensorFlow 2.9 that their own scripts download, and tries it. Linux on x64.

  --gpu                TensorFlow for CUDA 12, with the CUDA libraries; only the driver must be there
  --allow-cpu          with --gpu: builds even where no CUDA device is found
  --package NAME       which of the two packages, where both are installed
  --tensorflow VERSION default 2.21.0
  --cache DIR          where the wheels are unpacked; default ~/.cache/tfjs-addons
  --help

Needs Python 3 with pip (PYTHON names another one), a C++ compiler and make.`;

const OPTIONS = {
  gpu: {type: 'boolean'},
  'allow-cpu': {type: 'boolean'},
  package: {type: 'string'},
  tensorflow: {type: 'string'},
  cache: {type: 'string'},
  help: {type: 'boolean', short: 'h'},
} as const;

function main(): number {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse();
  } catch (error) {
    return fail((error as Error).message, 'tfjs-addons --help lists what there is.', 2);
  }
  const {values, positionals} = parsed;
  const {help, 'allow-cpu': allowCpu, ...options} = values;
  if (help || positionals.length === 0) {
    console.log(HELP);
    return help ? 0 : 2;
  }
  if (positionals.length > 1 || positionals[0] !== 'setup-native') {
    return fail(`there is no command ${positionals.join(' ')}`, 'tfjs-addons --help lists what there is.', 2);
  }
  try {
    const {tensorflow, gpu, package: built} = setupNative({...options, allowCpu});
    console.log(`${built.name} runs on TensorFlow ${tensorflow}, on ${gpu ? 'a CUDA device' : 'the processor'}.`);
    if (!('isNullOrUndefined' in util)) console.log(NODE_24);
    if (options.gpu && !gpu) console.error(NO_GPU);
    return 0;
  } catch (error) {
    if (error instanceof SetupError) return fail(error.message, error.hint, 1);
    throw error;
  }
}

const parse = () => util.parseArgs({options: OPTIONS, allowPositionals: true});

const NODE_24 = `→ On Node ${process.versions.node} call allowTfjsNodeOnNode24() of tfjs-addons/node before you import it.`;

const NO_GPU = `
****************************************************************
*  NO CUDA DEVICE WAS FOUND: everything runs on the processor  *
****************************************************************`;

function fail(problem: string, hint: string, code: number): number {
  console.error(`${problem}\n→ ${hint}`);
  return code;
}

process.exitCode = main();
