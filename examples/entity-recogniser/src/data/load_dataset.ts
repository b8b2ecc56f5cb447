import {createHash} from 'node:crypto';

import {generate} from '../generate/generate.js';
import type {Run} from '../settings.js';
import {readDirectory} from './read_directory.js';
import type {Dataset} from './sentence.js';

/** Dev and test together are a quarter of the generated training text. */
const HELD_OUT = 1 / 8;

/** The text of a run: the user's own, or generated. */
export function loadDataset({data, repairTags, sentences, seed}: Run, warn: (message: string) => void): Dataset {
  const heldOut = Math.ceil(HELD_OUT * sentences);
  if (!data) return generate({seed, train: sentences, dev: heldOut, test: heldOut});
  const onRepair = repairTags
    ? ({message}: Error) => warn(`Tags out of order, read as CoNLL's scorer does:\n${message}`)
    : undefined;
  return readDirectory(data, {onRepair});
}

/** Equal for equal text: a resumed run must go on with the text that it began with. */
export const fingerprint = (data: Dataset): string => createHash('sha256').update(JSON.stringify(data)).digest('hex');
