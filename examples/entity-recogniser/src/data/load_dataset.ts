import {createHash} from 'node:crypto';

import {generate} from '../generate/generate.js';
import type {Run} from '../settings.js';
import {readDirectory} from './read_directory.js';
import type {Dataset} from './sentence.js';

/** Of the generated text, a part of this size is held out for dev and another for test. */
const HELD_OUT = 400;

/** The text of a run: the user's own, or generated. */
export function loadDataset({data, repairTags, sentences, seed}: Run, warn: (message: string) => void): Dataset {
  if (!data) return generate({seed, train: sentences, dev: HELD_OUT, test: HELD_OUT});
  const onRepair = repairTags
    ? ({message}: Error) => warn(`Tags out of order, read as CoNLL's scorer does:\n${message}`)
    : undefined;
  return readDirectory(data, {onRepair});
}

/** Equal for equal text: a resumed run must go on with the text that it began with. */
export const fingerprint = (data: Dataset): string => createHash('sha256').update(JSON.stringify(data)).digest('hex');
