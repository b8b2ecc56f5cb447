import type {Group, Result} from './compare.js';
import {mean} from './training/f1.js';

export interface Table {
  heads: string[];
  rows: string[][];
}

/** F1 by how many training documents a tag has, at the threshold 0 or at the best one. */
export function groupTable(results: readonly Result[], groups: readonly Group[], which: 'atZero' | 'atBest'): Table {
  const show = (value: number) => value.toFixed(3);
  return {
    heads: ['', ...groups.map(({fewest, most}) => (fewest === most ? `${most}` : `${fewest}–${most}`)), 'all tags'],
    rows: results.map(({contestant, [which]: scores}) => [
      contestant.name,
      ...groups.map(({tags}) => show(mean(tags.map(tag => scores[tag])))),
      show(mean(scores)),
    ]),
  };
}

export function settingsTable(results: readonly Result[]): Table {
  return {
    heads: ['', 'learning rate', 'best threshold'],
    rows: results.map(({contestant, learningRate, threshold}) => [
      contestant.name,
      String(learningRate),
      threshold.toFixed(2),
    ]),
  };
}

/** Lines of text with columns of equal width. */
export function asText({heads, rows}: Table): string {
  const widths = heads.map((_, i) => Math.max(...[heads, ...rows].map(row => row[i].length)));
  return [heads, ...rows]
    .map(row => row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  '))
    .join('\n');
}
