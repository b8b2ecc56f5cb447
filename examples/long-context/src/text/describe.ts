import type {Corpus} from './corpus.js';
import {TEXT_PACKAGE} from './source_files.js';

/** One line for the terminal and the report. */
export const describeText = ({train, heldOut, files}: Corpus): string =>
  `JavaScript of ${TEXT_PACKAGE} with its comments: ${thousands(train.length)} characters of ${files.train} files to ` +
  `train on, ${thousands(heldOut.length)} of ${files.heldOut} other files to test on`;

const thousands = (count: number): string => count.toLocaleString('en');
