import type {HostArray} from '../../internal/host_memory.js';
import type {LabelForm} from './name.js';

interface Sizes {
  batch: number;
  heads: number;
  length: number;
  /** Labels of a sample, and of each type with labels by type. */
  slots: number;
}

/**
 * Of each sample `[P, 3]` (start, end, type) of the possible cells that are labels, in order and none twice; −1 for a
 * type that does not exist.
 *
 * @param isPossible Whether a cell, with both ends inside of the text, may be a span of the sample.
 */
export function listedCells(
  labels: HostArray,
  form: Exclude<LabelForm, 'dense'>,
  {batch, heads, length, slots}: Sizes,
  isPossible: (sample: number, start: number, end: number) => boolean,
): Float32Array[] {
  const [width, entries] = form === 'list' ? [3, slots] : [2, heads * slots];
  return Array.from({length: batch}, (_, sample) => {
    const keys = new Set<number>();
    for (let entry = 0; entry < entries; entry++) {
      const at = (sample * entries + entry) * width;
      const [start, end] = [labels[at + width - 2], labels[at + width - 1]];
      if (!isInside(start, length) || !isInside(end, length) || !isPossible(sample, start, end)) continue;
      const type = form === 'list' ? labels[at] : Math.floor(entry / slots);
      keys.add((start * length + end) * (heads + 1) + (isInside(type, heads) ? type + 1 : 0));
    }
    const cells = new Float32Array(3 * keys.size);
    for (const [i, key] of Float64Array.from(keys).sort().entries()) {
      const cell = Math.floor(key / (heads + 1));
      cells.set([Math.floor(cell / length), cell % length, (key % (heads + 1)) - 1], 3 * i);
    }
    return cells;
  });
}

const isInside = (index: number, count: number): boolean => index >= 0 && index < count;
