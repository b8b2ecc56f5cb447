import {check} from '../check.js';

/**
 * For each variable the index of the saved one that it continues, or −1 for a variable that is new.
 *
 * tfjs renames variables when a model is loaded into a process that has one of that name (`d/kernel` becomes
 * `d/kernel_1`), so names are trusted only where they account for one of the lists completely. Otherwise the
 * order counts, as both lists follow the order of the model's weights.
 */
export function matchSaved(saved: readonly string[], variables: readonly string[], where: string): number[] {
  const byName = variables.map(name => saved.indexOf(name));
  if (isComplete(byName, saved.length)) return byName;
  if (saved.length === variables.length) return variables.map((_, index) => index);
  const stems = saved.map(stem);
  const byStem = variables.map(name => stems.indexOf(stem(name)));
  const unambiguous = new Set(stems).size === stems.length && new Set(byStem).size === byStem.length;
  check(
    unambiguous && isComplete(byStem, saved.length),
    where,
    `the ${saved.length} variables of the saved state (${saved.join(', ')})`,
    variables,
    'The saved optimizer belongs to another model.',
  );
  return byStem;
}

/** Every variable was saved, or everything that was saved is here. */
const isComplete = (indices: readonly number[], savedCount: number): boolean =>
  indices.every(index => index >= 0) || indices.filter(index => index >= 0).length === savedCount;

/** The name without the number that tfjs appends to make it unique. */
export const stem = (name: string): string => name.replace(/_\d+$/, '');
