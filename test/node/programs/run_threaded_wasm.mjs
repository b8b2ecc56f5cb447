/**
 * Serves threaded_wasm.ts and on_threads.ts in pages that are alone in their process, as shared memory demands, and
 * prints what both say.
 */
import {dirname} from 'node:path';
import {fileURLToPath} from 'node:url';

import {isolatedPages, WASM_FOLDER} from '../../browser/isolated_pages.mjs';

const CORES = 8;

const resolveDir = dirname(fileURLToPath(import.meta.url));
const contents = `import './threaded_wasm.js'; import './on_threads.js';`;
const pages = await isolatedPages({stdin: {contents, resolveDir}}, CORES);
try {
  const results = [];
  for (const program of ['runThreaded', 'runOnThreads']) {
    const page = await pages.open();
    results.push(await page.evaluate(([program, folder]) => globalThis[program](folder), [program, WASM_FOLDER]));
    await page.close();
  }
  process.stdout.write(JSON.stringify(results));
} finally {
  await pages.close();
}
