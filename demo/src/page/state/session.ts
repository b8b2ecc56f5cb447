import {batch, effect, signal} from '@preact/signals';
import * as Comlink from 'comlink';

import type {Engine} from '../../engine/engine.ts';
import {BACKENDS, type BackendName, type ModelFiles, type Started} from '../../engine/protocol.ts';
import type {Words} from '../../text/en.ts';
import {BACKEND_TITLES} from './backend_titles.ts';
import {EngineGone} from './engine_gone.ts';
import {dismiss, notify} from './notices.ts';

/** The model as it runs; null while it starts. */
export const started = signal<Started | null>(null);

/** Why nothing runs. */
export const failure = signal<string | null>(null);

/** Grows whenever the model, its weights or its device has changed, so that everything shown is made anew. */
export const generation = signal(0);

const MODEL_FOLDER = new URL('model/', document.baseURI).href;

/** A device that is lost again so soon is not tried once more. */
const SOON = 20_000;

let worker: Worker | undefined;
let remote: Comlink.Remote<Engine> | undefined;
let files: ModelFiles | string = MODEL_FOLDER;
let wanted: readonly BackendName[] = BACKENDS;
let lostAt = Number.NEGATIVE_INFINITY;
let replaced: Promise<never>;
let abandon = (): void => {};

/** Asks the engine in its worker; throws `EngineGone` when it is replaced before it has answered. */
export const ask = <T>(question: (engine: Comlink.Remote<Engine>) => Promise<T>): Promise<T> =>
  Promise.race([question(remote!), replaced]);

/** Starts the model in a new worker, on the first backend that works. Throws nothing: `failure` tells. */
export async function start(backends = wanted, model = files): Promise<void> {
  worker?.terminate();
  abandon();
  started.value = null;
  failure.value = null;
  wanted = backends;
  files = model;
  const mine = new Worker(new URL('../../engine/worker.ts', import.meta.url), {type: 'module'});
  worker = mine;
  remote = Comlink.wrap<Engine>(mine);
  replaced = new Promise((_, reject) => {
    abandon = () => reject(new EngineGone());
  });
  replaced.catch(() => {}); // there may be no question
  try {
    const lost = Comlink.proxy((reason: string) => {
      if (worker === mine) void restart(reason);
    });
    const running = await Promise.race([remote.start(wanted, files, lost), crashOf(mine)]);
    if (worker !== mine) return;
    run(running);
  } catch (error) {
    if (worker === mine) failure.value = (error as Error).message;
  }
}

/** Lets the running engine go on with other files, or with those it has trained. */
export function useFiles(model: ModelFiles | null): void {
  files = model ?? MODEL_FOLDER;
}

/** Loads other files into the running engine; null are those of the page. */
export async function replaceModel(model: ModelFiles | null): Promise<void> {
  if (model === null) return start(wanted, MODEL_FOLDER);
  const running = await ask(engine => engine.replaceModel(model));
  useFiles(model);
  run(running);
}

/** Gives the running model types that it does not know. A lost device takes them away until it has learned them. */
export async function addTypes(types: string[]): Promise<void> {
  run(await ask(engine => engine.addTypes(types)));
}

function run(running: Started): void {
  batch(() => {
    started.value = running;
    generation.value++;
  });
}

async function restart(reason: string): Promise<void> {
  const again = performance.now() - lostAt < SOON;
  lostAt = performance.now();
  const lostBackend = started.value?.backend;
  notify('lost', words => words.lost(reason));
  await start(again ? wanted.filter(name => name !== lostBackend || name === 'wasm') : wanted);
  const now = started.value?.backend;
  if (now !== undefined) notify('lost', words => words.recovered(BACKEND_TITLES[now]));
}

const crashOf = (broken: Worker): Promise<never> =>
  new Promise((_, reject) => {
    broken.addEventListener('error', event => reject(new Error(event.message || 'the worker did not start')), {
      once: true,
    });
  });

/** A note about the backends that were tried before the one that runs. */
effect(() => {
  const running = started.value;
  if (running === null) return;
  if (running.skipped.length === 0) dismiss('fallback');
  else notify('fallback', words => fallbackText(running, words));
});

function fallbackText({backend, skipped}: Started, words: Words): string {
  const reasons = skipped.map(({backend, obstacle, detail}) =>
    words.obstacle(BACKEND_TITLES[backend], obstacle, detail),
  );
  const remedy = skipped.some(({backend}) => backend === 'webgpu') ? [words.whatToDo] : [];
  return [words.runningOn(BACKEND_TITLES[backend]), ...reasons, ...remedy].join(words.space);
}
