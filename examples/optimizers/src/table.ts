import {type Comparison, STARTS} from './compare.js';
import {CONTESTANTS} from './contestants.js';

/** Final losses as lines of text: a contestant a row, a start a column. */
export function table({task, results}: Comparison): string {
  const width = Math.max(...CONTESTANTS.map(({name}) => name.length)) + 2;
  const cells = (values: readonly string[]) => values.map(value => value.padStart(12)).join('');
  const rows = CONTESTANTS.map(({name}) => {
    const own = results.filter(({contestant}) => contestant.name === name);
    return `  ${name.padEnd(width)}${cells(own.map(({final}) => showLoss(final)))}`;
  });
  return [task.name, `  ${'final loss'.padEnd(width)}${cells(STARTS.map(({name}) => name))}`, ...rows].join('\n');
}

export const showLoss = (loss: number | null): string => (loss === null ? 'ran away' : loss.toPrecision(3));
