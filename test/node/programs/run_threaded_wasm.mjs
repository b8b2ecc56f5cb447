/**
 * Serves threaded_wasm.ts and on_threads.ts in pages that are alone in their process, as shared memory demands, and prints
 * what both say.
 */
import {dirname, join, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';

import * as esbuild from 'esbuild';

import {launchChromium} from '../../browser/chromium.mjs';
import {servePages} from '../../browser/page_server.mjs';

const ISOLATED = {'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp'};
const WASM_FOLDER = '/node_modules/@tensorflow/tfjs-backend-wasm/dist/';
/** What the page is to find, as tfjs starts one thread where there are two cores. */
const CORES = 8;

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, '../../..');
const {outputFiles} = await esbuild.build({
  stdin: {contents: `import './threaded_wasm.js'; import './on_threads.js';`, resolveDir: here},
  bundle: true,
  platform: 'browser',
  format: 'esm',
  target: 'es2022',
  alias: {'tfjs-addons': join(root, 'src/index.ts')},
  ignoreAnnotations: true, // package.json's sideEffects names files of dist
  write: false,
  logLevel: 'error',
});
const pages = new Map([
  ['/page.html', '<!doctype html><script type="module" src="/page.js"></script>'],
  ['/page.js', outputFiles[0].text],
]);
const server = await servePages(root, pages, /^\/node_modules\/@tensorflow\//, ISOLATED);
const browser = await launchChromium();
try {
  const page = await browser.newPage();
  await page.addInitScript(cores => Object.defineProperty(navigator, 'hardwareConcurrency', {value: cores}), CORES);
  page.on('pageerror', error => console.error(error));
  const results = [];
  for (const program of ['runThreaded', 'runOnThreads']) {
    await page.goto(`${server.origin}/page.html`);
    results.push(await page.evaluate(([program, folder]) => globalThis[program](folder), [program, WASM_FOLDER]));
  }
  process.stdout.write(JSON.stringify(results));
} finally {
  await browser.close();
  await server.close();
}
