/**
 * The backends that the tests run on: how to see whether this machine has one, and what would make it available.
 *
 *   node scripts/backends.mjs          lists them
 *   node scripts/backends.mjs webgpu   starts one and prints the device; fails with the reason
 */
import {execFile} from 'node:child_process';
import {existsSync} from 'node:fs';
import {createRequire} from 'node:module';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {promisify} from 'node:util';

import {findChromium, launchChromium} from '../test/browser/chromium.mjs';
import {servePages} from '../test/browser/page_server.mjs';

/** Variables that keep native libraries from logging. */
export const QUIET = {TF_CPP_MIN_LOG_LEVEL: '2', XDG_RUNTIME_DIR: process.env.XDG_RUNTIME_DIR ?? tmpdir()};

const CHROMIUM = 'apt-get install chromium, or set CHROMIUM_PATH to a Chrome or Chromium';

/** By which jest.config.cjs takes in the tests of float16. */
const FLOAT16 = 'shader-f16';

const SOFTWARE_VULKAN = softwareVulkan();

/** Slow ones first, so that they overlap with the others. `remedy` says what makes an absent one available. */
export const BACKENDS = [
  {name: 'chromium-webgpu', start: startInChromium, remedy: CHROMIUM},
  {name: 'chromium-webgl', start: startInChromium, remedy: CHROMIUM},
  {
    name: 'webgpu',
    start: startDawn,
    remedy: 'apt-get install libvulkan1, and a graphics driver or chromium, which brings SwiftShader',
    environments: SOFTWARE_VULKAN ? [{}, SOFTWARE_VULKAN] : [{}],
  },
  {name: 'cpu', start: () => 'JavaScript'},
  {name: 'wasm', start: () => 'WebAssembly'},
  {name: 'tensorflow', start: startTensorflow, remedy: 'npm run setup:tensorflow'},
];

/**
 * Starts a backend in a process of its own, as native code may end it.
 * @returns `{device, env}`, env being the variables it needs, or `{reason}`.
 */
export async function probe({name, environments = [{}]}) {
  let reason = '';
  for (const env of environments) {
    try {
      const options = {env: {...process.env, ...QUIET, ...env}, timeout: 60_000};
      const {stdout} = await promisify(execFile)(process.execPath, [fileURLToPath(import.meta.url), name], options);
      const device = stdout.trim();
      return {device, env: device.endsWith(FLOAT16) ? {...env, TFJS_WEBGPU_FLOAT16: '1'} : env};
    } catch (error) {
      reason = error.killed ? 'does not answer' : error.stderr.trim().split('\n').at(-1);
    }
  }
  return {reason};
}

/** SwiftShader's Vulkan driver, which Chromium brings; for machines whose graphics have none. */
function softwareVulkan() {
  const folders = ['/usr/lib/chromium', ...(findChromium() ? [dirname(findChromium())] : [])];
  const file = folders.map(folder => join(folder, 'vk_swiftshader_icd.json')).find(existsSync);
  return file && {VK_ICD_FILENAMES: file};
}

async function startDawn() {
  const {create} = await import('webgpu');
  const adapter = await create([]).requestAdapter();
  if (adapter === null) throw new Error('Dawn finds no Vulkan device');
  const float16 = adapter.features.has('shader-f16') ? `, ${FLOAT16}` : '';
  return `Dawn, ${adapter.info.vendor} ${adapter.info.architecture}${float16}`;
}

function startTensorflow() {
  const require = createRequire(import.meta.url);
  const name = process.env.TFJS_NODE_PACKAGE ?? '@tensorflow/tfjs-node';
  try {
    require.resolve(name);
  } catch {
    throw new Error(`${name} is not installed`);
  }
  const util = require('node:util');
  util.isNullOrUndefined ??= value => value === null || value === undefined;
  util.isArray ??= Array.isArray;
  const backend = require(name).backend();
  return `TensorFlow ${backend.binding.TF_Version}, ${backend.isUsingGpuDevice ? 'CUDA' : 'processor'}`;
}

async function startInChromium(name) {
  const server = await servePages('.', new Map([['/page.html', '<!doctype html>']])); // about:blank has no WebGPU
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    await page.goto(`${server.origin}/page.html`);
    const device = await page.evaluate(deviceOf, name);
    if (device === null) throw new Error(`Chromium ${browser.version()} has no ${name}`);
    return `Chromium ${browser.version()}, ${device}`;
  } finally {
    await browser.close();
    await server.close();
  }
}

/** Runs in the page. */
async function deviceOf(name) {
  if (name === 'chromium-webgpu') {
    const adapter = await navigator.gpu?.requestAdapter();
    return adapter ? `${adapter.info.vendor} ${adapter.info.architecture}` : null;
  }
  const gl = document.createElement('canvas').getContext('webgl2');
  const extension = gl?.getExtension('WEBGL_debug_renderer_info');
  return gl ? gl.getParameter(extension?.UNMASKED_RENDERER_WEBGL ?? gl.RENDERER) : null;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const backend = BACKENDS.find(({name}) => name === process.argv[2]);
  if (backend === undefined) {
    console.log(BACKENDS.map(({name}) => name).join('\n'));
  } else {
    try {
      process.stdout.write(`${await backend.start(backend.name)}\n`, () => process.exit(0)); // Dawn keeps threads
    } catch (error) {
      process.stderr.write(`${error.message.split('\n')[0]}\n`, () => process.exit(1));
    }
  }
}
