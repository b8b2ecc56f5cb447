import type {Result} from './results.js';

/** Heads and rows of a table; the first column names the attention. */
export interface Table {
  heads: string[];
  rows: string[][];
}

/** What the models learnt: bits per character of held-out text, by the length of the windows. */
export function learntTable(results: readonly Result[]): Table {
  const lengths = results[0].tests.map(({length}) => length);
  return {
    heads: ['bits per character', 'parameters', 'characters/s', ...lengths.map(length => `at ${length}`)],
    rows: results.map(({attention, parameters, curve, tests}) => [
      attention,
      String(parameters),
      curve.speed.toFixed(0),
      ...tests.map(({bits}) => bits.toFixed(3)),
    ]),
  };
}

export const speedTable = (results: readonly Result[], lengths: readonly number[]): Table =>
  costTable('characters/s', results, lengths, ({length, milliseconds}) => (length / milliseconds) * 1000);

export const memoryTable = (results: readonly Result[], lengths: readonly number[]): Table =>
  costTable('peak MB', results, lengths, ({tensorBytes}) => tensorBytes / 1e6);

/** A dash where a length did not fit. */
function costTable(
  title: string,
  results: readonly Result[],
  lengths: readonly number[],
  numberOf: (cost: Result['costs'][number]) => number,
): Table {
  const cell = ({costs}: Result, length: number) => {
    const cost = costs.find(cost => cost.length === length);
    return cost === undefined ? '–' : numberOf(cost).toFixed(0);
  };
  return {
    heads: [title, ...lengths.map(String)],
    rows: results.map(result => [result.attention, ...lengths.map(length => cell(result, length))]),
  };
}

/** The table as aligned lines. */
export function asText({heads, rows}: Table): string {
  const widths = heads.map((head, i) => Math.max(head.length, ...rows.map(row => row[i].length)) + 2);
  const line = (cells: readonly string[]) =>
    cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('');
  return [heads, ...rows].map(line).join('\n');
}
