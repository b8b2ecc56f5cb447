/** `npm start`: see `npm start -- --help`. */
import {mkdirSync, writeFileSync} from 'node:fs';
import {join, relative, resolve} from 'node:path';

import {Command, InvalidArgumentError, Option} from 'commander';

import {makeContestants} from './contestants.js';
import {makeSentences} from './data/sentences.js';
import {drawSweep} from './report/charts.js';
import {page} from './report/page.js';
import {BACKENDS, type BackendName, startBackend} from './start_backend.js';
import {sweep} from './sweep.js';
import {asText, recallTable} from './table.js';
import {TerminalProgress} from './terminal_progress.js';

interface Options {
  backend: BackendName;
  margins: number[];
  scale: number;
  sentences: number;
  steps: number;
  batch: number;
  learningRate: number;
  width: number;
  blocks: number;
  seeds: number;
  out: string;
}

const DEFAULT_MARGINS = [0, 0.1, 0.2, 0.35, 0.5, 0.7];

const options = new Command('npm start --')
  .description('Trains sentence encoders with AM-Softmax of several margins, and compares how they retrieve.')
  .addOption(new Option('--backend <name>', 'where tensors live').choices(BACKENDS).default('wasm'))
  .option('--margins <margins...>', 'of AM-Softmax', margin, DEFAULT_MARGINS)
  .option('--scale <factor>', 'of the cosines', positive, 10)
  .option('--sentences <count>', 'of each meaning', whole, 4)
  .option('--steps <count>', 'training steps of each', whole, 250)
  .option('--batch <count>', 'sentences in a step', whole, 64)
  .option('--learning-rate <rate>', 'of Adam', positive, 0.003)
  .option('--width <channels>', 'of the vectors, an even number', whole, 48)
  .option('--blocks <count>', 'gated attention units', whole, 1)
  .option('--seeds <count>', 'runs of each; means are reported', whole, 1)
  .option('--out <directory>', 'where report.html goes', path => resolve(path), resolve('runs'))
  .parse()
  .opts<Options>();

const {backend, margins, scale, sentences, steps, batch, learningRate, width, blocks, seeds, out} = options;
await startBackend(backend);
const splits = makeSentences(sentences);
const setup =
  `${splits.train.length} sentences of ${splits.meanings} meanings train the encoder: ${blocks} gated attention ` +
  `unit${blocks === 1 ? '' : 's'}, ${width} channels, ${steps} steps of ${batch}. ${splits.test.length} sentences of ` +
  `${splits.test.length / sentences} other meanings test it; ` +
  `${seeds === 1 ? 'one seed' : `means over ${seeds} seeds`}, ${backend} backend.`;
console.log(`${setup}\n`);
const settings = {sizes: {width, blocks}, budget: {steps, batch, learningRate}, seeds};
const results = await sweep(makeContestants(margins, scale), splits, settings, new TerminalProgress());

console.log(`\n${asText(recallTable(results))}`);
mkdirSync(out, {recursive: true});
const file = join(out, 'report.html');
writeFileSync(file, page(results, splits.test, await drawSweep(results), setup));
console.log(`\nThe sweep, and nearest neighbours: ${relative(process.cwd(), file)}`);
process.exit(); // Dawn keeps its threads

function whole(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('Expected a whole number of at least 1.');
  return Number(text);
}

function positive(text: string): number {
  if (!(Number(text) > 0)) throw new InvalidArgumentError('Expected a number above 0.');
  return Number(text);
}

function margin(text: string, before: number[]): number[] {
  const value = Number(text);
  if (!(value >= 0)) throw new InvalidArgumentError('Expected numbers of at least 0.');
  return before === DEFAULT_MARGINS ? [value] : [...before, value];
}
