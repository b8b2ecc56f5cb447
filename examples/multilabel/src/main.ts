/** `npm start`: see `npm start -- --help`. */
import {mkdirSync, writeFileSync} from 'node:fs';
import {join, relative, resolve} from 'node:path';

import {Command, InvalidArgumentError, Option} from 'commander';

import {compare, documentsOfTags, groupTags} from './compare.js';
import {makeDocuments, TAGS} from './data/documents.js';
import {drawResults} from './report/charts.js';
import {page} from './report/page.js';
import {BACKENDS, type BackendName, startBackend} from './start_backend.js';
import {asText, groupTable, settingsTable} from './table.js';
import {TerminalProgress} from './terminal_progress.js';

interface Options {
  backend: BackendName;
  documents: number;
  epochs: number;
  batch: number;
  units: number;
  rates: number[];
  seeds: number;
  out: string;
}

const DEFAULT_RATES = [0.0005, 0.002, 0.008];

const options = new Command('npm start --')
  .description('Trains taggers of documents that differ in their loss, and compares them by how frequent a tag is.')
  .addOption(new Option('--backend <name>', 'where tensors live').choices(BACKENDS).default('wasm'))
  .option('--documents <count>', 'training documents, an even number', evenNumber, 4000)
  .option('--epochs <count>', 'passes over them', whole, 15)
  .option('--batch <count>', 'documents in a step', whole, 64)
  .option('--units <count>', 'of the hidden layer', whole, 128)
  .option('--rates <rates...>', 'learning rates to try', rate, DEFAULT_RATES)
  .option('--seeds <count>', 'runs of each kind; means are reported', whole, 1)
  .option('--out <directory>', 'where report.html goes', path => resolve(path), resolve('runs'))
  .parse()
  .opts<Options>();

const {backend, documents, epochs, batch, units, rates, seeds, out} = options;
await startBackend(backend);
const splits = makeDocuments(documents);
const counts = documentsOfTags(splits.train);
const groups = groupTags(counts);
const setup =
  `${documents} documents with ${TAGS} tags, the most frequent on ${Math.max(...counts)} of them, the rarest on ` +
  `${Math.min(...counts)}. ${splits.words} words, ${units} hidden units, ${epochs} epochs of batches of ${batch}; ` +
  `${seeds === 1 ? 'one seed' : `means over ${seeds} seeds`}, ${backend} backend.`;
console.log(`${setup}\n`);
const results = await compare(splits, {epochs, batch, units}, {rates, seeds}, new TerminalProgress());

console.log(`\nF1, predicted above 0\n${asText(groupTable(results, groups, 'atZero'))}`);
console.log(`\nF1, predicted above the best threshold\n${asText(groupTable(results, groups, 'atBest'))}`);
console.log(`\n${asText(settingsTable(results))}`);
mkdirSync(out, {recursive: true});
const file = join(out, 'report.html');
writeFileSync(file, page(results, groups, await drawResults(results, counts, groups), setup));
console.log(`\nThe curves: ${relative(process.cwd(), file)}`);
process.exit(); // Dawn keeps its threads

function whole(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('Expected a whole number of at least 1.');
  return Number(text);
}

function evenNumber(text: string): number {
  const value = whole(text);
  if (value % 2 !== 0) throw new InvalidArgumentError('Expected an even number.');
  return value;
}

function rate(text: string, before: number[]): number[] {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('Expected numbers above 0.');
  return before === DEFAULT_RATES ? [value] : [...before, value];
}
