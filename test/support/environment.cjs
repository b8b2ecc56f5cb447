/**
 * jest environment for the Node backends.
 *
 * tfjs-node and Dawn return typed arrays of the main realm, so `instanceof Float32Array` fails inside jest's
 * sandbox unless both share the constructors. For TFJS_BACKEND=webgpu it brings Dawn's GPU as `navigator.gpu`
 * (the `webgpu` package is ESM only and cannot be required from a test). A warning or error on the console fails
 * the test that caused it; one that means to provoke it spies on the console.
 */
const util = require('node:util');
const {TestEnvironment} = require('jest-environment-node');

const SHARED = [
  'ArrayBuffer',
  'SharedArrayBuffer',
  'DataView',
  'Float32Array',
  'Float64Array',
  'Int8Array',
  'Int16Array',
  'Int32Array',
  'Uint8Array',
  'Uint8ClampedArray',
  'Uint16Array',
  'Uint32Array',
  'BigInt64Array',
  'BigUint64Array',
];

process.env.TF_CPP_MIN_LOG_LEVEL ??= '2'; // TensorFlow's notes about the processor are no news
// tfjs-node 4.22 calls two functions that Node 23 removed.
util.isNullOrUndefined ??= value => value === null || value === undefined;
util.isArray ??= Array.isArray;

module.exports = class extends TestEnvironment {
  async setup() {
    await super.setup();
    for (const name of SHARED) this.global[name] = globalThis[name];
    for (const method of ['error', 'warn']) this.global.console[method] = (...values) => this.fail(method, values);
    if (process.env.TFJS_BACKEND !== 'webgpu') return;
    const {create, globals} = await import('webgpu');
    Object.assign(this.global, globals);
    this.gpu = create((process.env.DAWN_OPTIONS ?? '').split(' ').filter(Boolean));
    const navigator = {gpu: this.gpu, userAgent: 'node'};
    Object.defineProperty(this.global, 'navigator', {value: navigator, configurable: true, writable: true});
  }

  handleTestEvent(_event, state) {
    this.state = state;
  }

  fail(method, values) {
    const error = new Error(`console.${method}: ${values.map(String).join(' ')}`);
    Error.captureStackTrace(error, this.global.console[method]);
    (this.state.currentlyRunningTest?.errors ?? this.state.unhandledErrors).push(error);
  }

  async teardown() {
    this.gpu = null; // an instance that is still referenced keeps the worker alive
    await super.teardown();
  }
};
