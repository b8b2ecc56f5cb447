import {existsSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';

import type {Recogniser} from '../recogniser.js';
import type {Progress} from '../training/progress.js';
import {loadRecogniser, saveRecogniser} from './recogniser_files.js';
import {replaceDirectory} from './replace_directory.js';

const PROGRESS = 'progress.json';

const directoryIn = (out: string): string => join(out, 'checkpoint');

/** Whether `out` holds a run that was stopped. */
export const hasCheckpoint = (out: string): boolean => existsSync(join(directoryIn(out), PROGRESS));

/** Saves everything that the numbers of the rest of the run depend on. */
export function saveCheckpoint(out: string, recogniser: Recogniser, progress: Progress): Promise<void> {
  return replaceDirectory(directoryIn(out), async directory => {
    await saveRecogniser(directory, recogniser, progress.run, {toTrain: true});
    writeFileSync(join(directory, PROGRESS), JSON.stringify(progress));
  });
}

export async function loadCheckpoint(out: string): Promise<{recogniser: Recogniser; progress: Progress}> {
  const directory = directoryIn(out);
  const progress = readProgress(out);
  const {recogniser} = await loadRecogniser(directory);
  return {recogniser, progress};
}

/** Where the stopped run in `out` stands. */
export function readProgress(out: string): Progress {
  if (!hasCheckpoint(out)) throw new Error(`${out} holds no stopped run`);
  const progress = JSON.parse(readFileSync(join(directoryIn(out), PROGRESS), 'utf8')) as Progress;
  return {...progress, run: {...progress.run, out}};
}

export function removeCheckpoint(out: string): void {
  rmSync(directoryIn(out), {recursive: true, force: true});
}
