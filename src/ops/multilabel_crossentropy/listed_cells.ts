import type {HostArray} from '../../internal/host_memory.js';
import type {MultilabelAttrs} from './name.js';

/** The classes that `count` labels from number `from` on list, with repetitions. Whatever is not a class is padding. */
export function listedCells(
  labels: HostArray,
  {form, side}: MultilabelAttrs,
  from: number,
  count: number,
  classes: number,
): number[] {
  const cells: number[] = [];
  for (let i = from; i < from + count; i++) {
    const [start, end] = form === 'spans' ? [labels[2 * i], labels[2 * i + 1]] : [0, labels[i]];
    const inside = form === 'spans' ? start >= 0 && start < side && end >= 0 && end < side : end >= 0 && end < classes;
    if (inside) cells.push(form === 'spans' ? start * side + end : end);
  }
  return cells;
}
