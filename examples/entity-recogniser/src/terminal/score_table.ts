import type {Score, Scores} from '../scores.js';

const COLUMNS = ['precision', 'recall', 'F1', 'spans'];

/** Precision, recall and F1 of each type and over all, as lines of text. */
export function scoreTable({all, byType}: Scores): string {
  const rows = [...Object.entries(byType), ['all', all] as const];
  const width = Math.max(4, ...rows.map(([name]) => displayWidth(name)));
  const line = (name: string, cells: readonly string[]): string =>
    `  ${name}${' '.repeat(width - displayWidth(name))}${cells.map(cell => cell.padStart(11)).join('')}`;
  const body = rows.map(([name, score]) => line(name, cellsOf(score)));
  const rule = `  ${'─'.repeat(width + 11 * COLUMNS.length)}`;
  return [line('', COLUMNS), rule, ...body.slice(0, -1), rule, body.at(-1)!].join('\n');
}

const cellsOf = ({precision, recall, f1, labelled}: Score): string[] => [
  percent(precision),
  percent(recall),
  percent(f1),
  String(labelled),
];

const percent = (share: number): string => (100 * share).toFixed(2);

/** Chinese characters take two columns. */
const displayWidth = (text: string): number =>
  [...text].reduce((sum, c) => sum + (/\p{Script=Han}/u.test(c) ? 2 : 1), 0);
