/**
 * Pages that are alone in their process, as shared memory demands: there tfjs runs its build of `wasm` for several
 * threads.
 */
import {resolve} from 'node:path';
import {fileURLToPath} from 'node:url';

import * as esbuild from 'esbuild';

import {WITH_SOURCES} from '../../scripts/bundle_sources.mjs';
import {launchChromium} from './chromium.mjs';
import {servePages} from './page_server.mjs';

const HEADERS = {'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp'};
const root = resolve(fileURLToPath(import.meta.url), '../../..');

/** Where a page finds the files of tfjs's backend. */
export const WASM_FOLDER = '/node_modules/@tensorflow/tfjs-backend-wasm/dist/';

/**
 * @param program What esbuild is to bundle for the pages: `{entryPoints: [file]}` or `{stdin}`.
 * @param cores What a page finds: where there are two, tfjs starts a single thread.
 * @returns `{open, close}`: `open()` gives one more page, with the program in it.
 */
export async function isolatedPages(program, cores) {
  const {outputFiles} = await esbuild.build({
    ...WITH_SOURCES,
    ...program,
    platform: 'browser',
    target: 'es2022',
    write: false,
    logLevel: 'error',
  });
  const files = new Map([
    ['/page.html', '<!doctype html><script type="module" src="/page.js"></script>'],
    ['/page.js', outputFiles[0].text],
  ]);
  const server = await servePages(root, files, /^\/node_modules\/@tensorflow\//, HEADERS);
  const browser = await launchChromium().catch(async error => {
    await server.close();
    throw error;
  });
  return {
    async open() {
      const page = await browser.newPage();
      await page.addInitScript(value => Object.defineProperty(navigator, 'hardwareConcurrency', {value}), cores);
      page.on('pageerror', error => console.error(error));
      await page.goto(`${server.origin}/page.html`);
      return page;
    },
    async close() {
      await browser.close();
      await server.close();
    },
  };
}
