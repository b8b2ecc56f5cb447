import {signal} from '@preact/signals';
import * as Comlink from 'comlink';

import type {Example, ModelFiles, TrainOptions} from '../../engine/protocol.ts';
import {EngineGone} from './engine_gone.ts';
import {forgetKept, keep, readKept} from './kept_model.ts';
import {download, pack, unpack} from './model_archive.ts';
import {attempt, dismiss, notify, tellFailure} from './notices.ts';
import {addTypes, ask, replaceModel, start, started, useFiles} from './session.ts';
import {examples, refresh, setExamples} from './tagging.ts';
import {report, training} from './training_state.ts';

const ARCHIVE = 'recogniser.zip';

/** Seconds between two looks at the text while the model learns. */
const LOOK = 0.7;

/** Size of the visitor's model in IndexedDB; null when it is the original. */
export const keptBytes = signal<number | null>(null);

export async function train(options: TrainOptions): Promise<void> {
  const list = [...examples.peek().values()];
  dismiss('training');
  report.value = null;
  training.value = {steps: options.steps, losses: [], stopping: false};
  let looked = performance.now();
  const onStep = Comlink.proxy((_step: number, loss: number) => {
    const now = training.peek();
    if (now === null) return;
    training.value = {...now, losses: [...now.losses, loss]};
    if (performance.now() - looked < LOOK * 1000) return;
    looked = performance.now();
    void tellFailure(refresh);
  });
  try {
    const unknown = unknownTypes(list);
    if (unknown.length > 0) await addTypes(unknown);
    const result = await ask(engine => engine.train(list, options, onStep));
    await keepModel(await ask(engine => engine.exportModel()));
    report.value = {...result, losses: training.peek()?.losses ?? []};
  } catch (error) {
    if (error instanceof EngineGone) notify('training', words => words.trainingLost);
    throw error;
  } finally {
    training.value = null;
  }
  await refresh();
}

export async function stopTraining(): Promise<void> {
  const now = training.peek();
  if (now === null) return;
  training.value = {...now, stopping: true};
  await ask(engine => engine.stopTraining());
}

export async function exportModel(): Promise<void> {
  download(pack(await ask(engine => engine.exportModel())), ARCHIVE);
  notify('model', words => words.exported);
}

export async function importModel(chosen: readonly File[]): Promise<void> {
  const files = await unpack(chosen);
  await replaceModel(files);
  report.value = null;
  await keepModel(files);
  notify('model', words => words.imported);
}

export async function backToOriginal(): Promise<void> {
  await forgetKept();
  keptBytes.value = null;
  report.value = null;
  await replaceModel(null);
  notify('model', words => words.restored);
}

/** Starts the page: the visitor's model where there is one. */
export async function begin(backends: Parameters<typeof start>[0]): Promise<void> {
  const kept = await readKept().catch(() => undefined); // private windows of some browsers have no IndexedDB
  if (kept === undefined) return start(backends);
  setExamples(kept.examples);
  keptBytes.value = bytesOf(kept.files);
  await start(backends, kept.files);
}

async function keepModel(files: ModelFiles): Promise<void> {
  useFiles(files);
  await attempt(async () => {
    await keep({files, examples: [...examples.peek().values()]});
    keptBytes.value = bytesOf(files);
  });
}

function unknownTypes(list: readonly Example[]): string[] {
  const used = list.flatMap(({spans}) => spans.map(({type}) => type));
  return [...new Set(used)].filter(type => !started.peek()!.types.includes(type));
}

const bytesOf = (files: ModelFiles): number => Object.values(files).reduce((sum, {byteLength}) => sum + byteLength, 0);
