/**
 * Times benchmarks on tfjs's build of `wasm` for several threads, in Chromium: `node benchmarks/threads/main.mjs NAME…`,
 * with `--threads N` (2 unless told) and `--rounds N` (20). Two pages, one with one thread, take turns in every
 * round; stock programs, which are slow, in each fourth.
 */
import {fileURLToPath} from 'node:url';
import {parseArgs} from 'node:util';

import {isolatedPages, WASM_FOLDER} from '../../test/browser/isolated_pages.mjs';

const CORES = 64;
/** Milliseconds of rest before a run, so that it does not pay for the run before on a machine that shares its cores. */
const REST = 30;

const {values, positionals: names} = parseArgs({
  allowPositionals: true,
  options: {threads: {type: 'string', default: '2'}, rounds: {type: 'string', default: '20'}},
});
const counts = [1, Number(values.threads)];
const entry = fileURLToPath(new URL('page.ts', import.meta.url));
const isolated = await isolatedPages({entryPoints: [entry]}, CORES);
try {
  const pages = [];
  for (const count of counts) {
    const page = await isolated.open();
    const started = await page.evaluate(([folder, n]) => globalThis.start(folder, n), [WASM_FOLDER, count]);
    if (started !== count) throw new Error(`tfjs has ${started} threads instead of ${count}`);
    pages.push(page);
  }
  for (const name of names) {
    for (const page of pages) await page.evaluate(name => globalThis.prepare(name), name);
    for (const pass of ['forward', 'training']) console.log(name, pass, await timesOf(pages, pass));
  }
} finally {
  await isolated.close();
}

/** The smallest and the middle of the milliseconds of each side on each number of threads. */
async function timesOf(pages, pass) {
  const times = {};
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const side of round % 4 === 0 ? ['stock', 'ours'] : ['ours']) {
      for (const [i, page] of pages.entries()) {
        await new Promise(resolve => setTimeout(resolve, REST));
        const milliseconds = await page.evaluate(([side, pass]) => globalThis.time(side, pass), [side, pass]);
        const key = `${side}, ${counts[i]} thread${counts[i] === 1 ? '' : 's'}`;
        times[key] = [...(times[key] ?? []), milliseconds];
      }
    }
  }
  return Object.fromEntries(Object.entries(times).map(([key, all]) => [key, summary(all)]));
}

function summary(times) {
  const sorted = times.toSorted((a, b) => a - b);
  return [sorted[0], sorted[sorted.length >> 1]].map(x => Number(x.toFixed(2)));
}
