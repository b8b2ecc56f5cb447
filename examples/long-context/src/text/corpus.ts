import {encode} from './alphabet.js';
import {type SourceFile, sourceFiles} from './source_files.js';

/** One file of so many is held out. */
const HELD_OUT_EVERY = 10;

export interface Corpus {
  /** Character codes to train on. */
  train: Int32Array;
  /** Character codes of other files, to test on. */
  heldOut: Int32Array;
  files: {train: number; heldOut: number};
}

export function loadCorpus(): Corpus {
  const files = sourceFiles();
  const isHeldOut = (_: SourceFile, i: number) => i % HELD_OUT_EVERY === HELD_OUT_EVERY - 1;
  const heldOut = files.filter(isHeldOut);
  const train = files.filter((file, i) => !isHeldOut(file, i));
  return {
    train: joined(train),
    heldOut: joined(heldOut),
    files: {train: train.length, heldOut: heldOut.length},
  };
}

const joined = (files: readonly SourceFile[]): Int32Array => encode(files.map(({text}) => text).join('\n\n'));
