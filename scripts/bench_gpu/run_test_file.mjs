/** `run_test_file.mjs MODULE…`: set-up files, then one test file, as a page of Chromium would load them. */
import {readFile} from 'node:fs/promises';
import {createRequire} from 'node:module';
import {dirname, join} from 'node:path';
import {fileURLToPath, pathToFileURL} from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const {create, globals} = createRequire(import.meta.url)('./dawn.node');
const gpu = create((process.env.DAWN_OPTIONS ?? '').split(' ').filter(Boolean));
Object.assign(globalThis, globals, {
  self: globalThis,
  WorkerGlobalScope: Object, // by which tfjs knows a worker
  testBegins: () => {},
  addEventListener: () => {},
  fetch: async path => {
    const text = await readFile(join(here, path), 'utf8').catch(() => undefined);
    return {ok: text !== undefined, status: 404, statusText: 'not found', text: async () => text};
  },
});
Object.defineProperty(globalThis, 'navigator', {value: {gpu, userAgent: 'node'}, configurable: true});

const modules = process.argv.slice(2).map(path => pathToFileURL(join(here, path)).href);
await import(pathToFileURL(join(here, 'tests/test/browser/page/main.js')).href);
const {tests, unhandled} = await globalThis.runTestFile({modules, testTimeout: 240_000});
const failed = tests.filter(({errors}) => errors.length > 0);
process.send({
  passed: tests.filter(({status, errors}) => status === 'done' && errors.length === 0).length,
  failed: failed.length + unhandled.length,
  messages: [...failed.map(({testPath, errors}) => `${testPath.join(' › ')}\n${errors.join('\n')}`), ...unhandled],
});
