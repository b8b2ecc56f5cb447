import {effect, signal} from '@preact/signals';
import * as Comlink from 'comlink';

import type {ModelFiles, TrainOptions} from '../../engine/protocol.ts';
import {forgetKept, keep, readKept} from './kept_model.ts';
import {download, pack, unpack} from './model_archive.ts';
import {attempt, notify} from './notices.ts';
import {engine, replaceModel, start, trainingLost, useFiles} from './session.ts';
import {examples, refresh, setExamples} from './tagging.ts';
import {report, training} from './training_state.ts';

const ARCHIVE = 'recogniser.zip';

/** Seconds between two looks at the text while the model learns. */
const LOOK = 0.7;

/** Size of the visitor's model in IndexedDB; null when it is the original. */
export const keptBytes = signal<number | null>(null);

export async function train(options: TrainOptions): Promise<void> {
  const list = [...examples.peek().values()];
  report.value = null;
  training.value = {steps: options.steps, losses: [], stopping: false};
  let looked = performance.now();
  const onStep = Comlink.proxy((_step: number, loss: number) => {
    const now = training.peek();
    if (now === null) return;
    training.value = {...now, losses: [...now.losses, loss]};
    if (performance.now() - looked < LOOK * 1000) return;
    looked = performance.now();
    void refresh();
  });
  try {
    const result = await engine().train(list, options, onStep);
    report.value = {...result, losses: training.peek()?.losses ?? []};
  } finally {
    training.value = null;
  }
  await refresh();
  await keepModel(await engine().exportModel());
}

export async function stopTraining(): Promise<void> {
  const now = training.peek();
  if (now === null) return;
  training.value = {...now, stopping: true};
  await engine().stopTraining();
}

/** A lost device takes the training with it. */
effect(() => {
  if (trainingLost.value === 0 || training.peek() === null) return;
  training.value = null;
  notify('error', words => words.trainingLost);
});

export async function exportModel(): Promise<void> {
  download(pack(await engine().exportModel()), ARCHIVE);
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

const bytesOf = (files: ModelFiles): number => Object.values(files).reduce((sum, {byteLength}) => sum + byteLength, 0);
