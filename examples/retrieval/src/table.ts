import {RANKS, type Result} from './sweep.js';

export interface Table {
  heads: string[];
  rows: string[][];
}

export function recallTable(results: readonly Result[]): Table {
  return {
    heads: ['', ...RANKS.map(k => `recall@${k}`)],
    rows: results.map(({contestant, recall}) => [contestant.name, ...recall.map(value => value.toFixed(3))]),
  };
}

/** Lines of text with columns of equal width. */
export function asText({heads, rows}: Table): string {
  const widths = heads.map((_, i) => Math.max(...[heads, ...rows].map(row => row[i].length)));
  return [heads, ...rows]
    .map(row => row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  '))
    .join('\n');
}
