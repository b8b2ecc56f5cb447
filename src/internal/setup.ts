import {warnOfDuplicates} from './duplicate_check.js';
import {repairTfjs} from './repairs/index.js';

let done = false;

/**
 * What importing any part of this package does to tfjs, once. It is a function that used modules call, since bundlers
 * drop a bare import of a file that package.json calls free of side effects.
 */
export function setUpTfjs(): void {
  if (done) return;
  done = true;
  warnOfDuplicates();
  repairTfjs();
}
