/**
 * A jest runner that runs test files in Chromium instead of Node (see jest.config.cjs).
 *
 *   TFJS_BACKEND=chromium-webgl npx jest test/layers
 *
 * Each worker is a browser, each test file a page of it. Stray errors, console errors, a crash and a page that
 * stops answering fail the file.
 */
import {resolve} from 'node:path';

import {bundleTests} from './bundle.mjs';
import {launchChromium} from './chromium.mjs';
import {servePages} from './page_server.mjs';
import {stackMapper, toTestResult} from './results.mjs';

const LOADING_TIMEOUT = 120_000;

export default class BrowserRunner {
  supportsEventEmitters = false;

  /**
   * `backend` is tfjs's name. `grace` is how many milliseconds longer than its own timeout a test may be silent:
   * jest's timers cannot fire in a page that computes.
   */
  constructor(globalConfig, _context, {backend, grace = 30_000}) {
    this.globalConfig = globalConfig;
    this.backend = backend;
    this.grace = grace;
  }

  async runTests(tests, watcher, onStart, onResult, onFailure, {serial}) {
    const {config} = tests[0].context;
    const bundles = await this.bundle(tests, config);
    const outputs = [...new Set(bundles.values())].flatMap(bundle => (bundle.outputs ? [...bundle.outputs] : []));
    const server = await servePages(config.rootDir, new Map(outputs.map(([url, {contents}]) => [url, contents])));
    const queue = [...tests];
    const worker = async () => {
      const chromium = new RestartingChromium();
      try {
        for (let test = queue.shift(); test !== undefined && !watcher.isInterrupted(); test = queue.shift()) {
          await onStart(test);
          try {
            await onResult(test, await this.runFile(test, bundles.get(test.path), chromium, server.origin));
          } catch (error) {
            await onFailure(test, {message: error.message, stack: error.stack});
          }
        }
      } finally {
        await chromium.close();
      }
    };
    try {
      await Promise.all(Array.from({length: serial ? 1 : this.globalConfig.maxWorkers}, worker));
    } finally {
      await server.close();
    }
  }

  /** One bundle for all files, or one for each where a file does not build. Values are bundles or errors. */
  async bundle(tests, config) {
    const files = tests.map(({path}) => path);
    try {
      const all = await bundleTests(files, config, this.backend, '/all');
      return new Map(files.map(file => [file, all]));
    } catch {
      const single = (file, i) => bundleTests([file], config, this.backend, `/${i}`).catch(error => error);
      return new Map(await Promise.all(files.map(async (file, i) => [file, await single(file, i)])));
    }
  }

  async runFile(test, bundle, chromium, origin) {
    if (bundle instanceof Error) throw buildError(bundle);
    const {config} = test.context;
    const start = Date.now();
    const toSource = stackMapper(origin, bundle.outputs);
    const page = await chromium.newPage();
    const {consoleEntries, strayErrors, failed, began} = watch(page, this.grace);
    try {
      began('loading', LOADING_TIMEOUT);
      await page.exposeFunction('testBegins', began);
      await Promise.race([page.goto(origin + bundle.page), failed]);
      if (strayErrors.length > 0) throw withStack(new Error(), 'The page did not load:');
      const options = {
        modules: bundle.modulesOf(test.path),
        testTimeout: this.globalConfig.testTimeout ?? config.testTimeout ?? 5000,
        testNamePattern: this.globalConfig.testNamePattern || undefined,
      };
      const report = await Promise.race([page.evaluate(options => globalThis.runTestFile(options), options), failed]);
      const details = {consoleEntries, strayErrors, start, toSource};
      return toTestResult({test, globalConfig: this.globalConfig, report, ...details});
    } catch (error) {
      if (error instanceof PageLost) await chromium.close();
      const stack = error instanceof PageLost ? error.message : error.stack;
      throw withStack(error, toSource([stack, ...strayErrors].join('\n')));
    } finally {
      began.stop();
      await page.close().catch(() => {});
    }
  }
}

/** The page crashed or hangs, and its browser is not to be used again. */
class PageLost extends Error {}

/** A browser that starts when it is needed, and again after it was closed. */
class RestartingChromium {
  async newPage() {
    this.browser ??= await launchChromium();
    return this.browser.newPage();
  }

  async close() {
    const {browser} = this;
    this.browser = undefined;
    await browser?.close();
  }
}

/** Listens to a page. `failed` rejects when it crashes or a test outlives its time without ending. */
function watch(page, grace) {
  const consoleEntries = [];
  const strayErrors = [];
  let lose;
  const failed = new Promise((_, reject) => {
    lose = message => reject(new PageLost(message));
  });
  failed.catch(() => {}); // it may reject when nobody waits any more
  let timer;
  let current = '';
  const began = (name, milliseconds) => {
    clearTimeout(timer);
    current = name;
    const allowed = milliseconds + grace;
    timer = setTimeout(() => lose(`the page did not answer for ${allowed / 1000} s in: ${name}`), allowed);
  };
  began.stop = () => clearTimeout(timer);
  page.on('crash', () => lose(`the page crashed in: ${current}`));
  page.on('pageerror', error => strayErrors.push(error.stack ?? String(error)));
  page.on('console', message => {
    const {url, lineNumber} = message.location();
    const [type, text, origin] = [message.type(), message.text(), `${url}:${lineNumber + 1}`];
    if (type === 'error') strayErrors.push(`console.error: ${text}\n    at ${origin}`);
    else if (type !== 'warning') consoleEntries.push({type: type === 'log' ? 'log' : 'info', message: text, origin});
  });
  return {consoleEntries, strayErrors, failed, began};
}

function buildError({errors, message}) {
  if (errors === undefined) return new Error(message);
  const lines = errors.flatMap(({text, location}) => {
    if (location === null) return [text];
    return [text, `    at ${resolve(location.file)}:${location.line}:${location.column + 1}`];
  });
  return withStack(new Error(), lines.join('\n'));
}

/** jest shows the message with the frames of the stack, and nothing else of it. */
function withStack(error, stack) {
  error.stack = stack;
  error.message = stack.replace(/^ +at .*\n?/gm, '').trim();
  return error;
}
