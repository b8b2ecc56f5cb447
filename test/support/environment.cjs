/**
 * jest environment for the Node backends.
 *
 * tfjs-node and Dawn return typed arrays of the main realm, so `instanceof Float32Array` fails inside jest's
 * sandbox unless both share the constructors. For TFJS_BACKEND=webgpu it brings Dawn's GPU as `navigator.gpu`
 * (the `webgpu` package is ESM only and cannot be required from a test).
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

// tfjs-node 4.22 calls two functions that Node 23 removed.
util.isNullOrUndefined ??= value => value === null || value === undefined;
util.isArray ??= Array.isArray;

module.exports = class extends TestEnvironment {
  async setup() {
    await super.setup();
    for (const name of SHARED) this.global[name] = globalThis[name];
    if (process.env.TFJS_BACKEND !== 'webgpu') return;
    const {create, globals} = await import('webgpu');
    Object.assign(this.global, globals);
    this.gpu = create([]);
    const navigator = {gpu: this.gpu, userAgent: 'node'};
    Object.defineProperty(this.global, 'navigator', {value: navigator, configurable: true, writable: true});
  }

  async teardown() {
    this.gpu = null; // an instance that is still referenced keeps the worker alive
    await super.teardown();
  }
};
