/** `npm start`: see `npm start -- --help`. */
import {mkdirSync, writeFileSync} from 'node:fs';
import {join, relative, resolve} from 'node:path';

import {Command, InvalidArgumentError, Option} from 'commander';

import {type Experiment, inOrder, runExperiment} from './experiment.js';
import {ATTENTION_NAMES, type AttentionName} from './model/attentions.js';
import {drawResults} from './report/charts.js';
import {page} from './report/page.js';
import {BACKENDS, type BackendName, startBackend} from './start_backend.js';
import {asText, learntTable, memoryTable, speedTable} from './table.js';
import {TerminalProgress} from './terminal_progress.js';
import {loadCorpus} from './text/corpus.js';
import {describeText} from './text/describe.js';

interface Options {
  backend: BackendName;
  attention: AttentionName[];
  steps: number;
  batch: number;
  length: number;
  testLength: number;
  testCharacters: number;
  costLength: number;
  patience: number;
  learningRate: number;
  width: number;
  heads: number;
  blocks: number;
  seed: number;
  out: string;
}

const SHORTEST_COST = 256;

const options = new Command('npm start --')
  .description('Trains causal language models of characters that differ in their attention, and compares them.')
  .addOption(new Option('--backend <name>', 'where tensors live').choices(BACKENDS).default('wasm'))
  .addOption(
    new Option('--attention <names...>', 'kinds of attention').choices(ATTENTION_NAMES).default(ATTENTION_NAMES, 'all'),
  )
  .option('--steps <count>', 'training steps of each', whole, 200)
  .option('--batch <count>', 'windows in a step', whole, 1)
  .option('--length <characters>', 'characters in a window', whole, 512)
  .option('--test-length <characters>', 'longest window to test on; doubles from --length', whole, 2048)
  .option('--test-characters <count>', 'characters of held-out text to test on', whole, 16384)
  .option('--cost-length <characters>', `longest window to measure, from ${SHORTEST_COST} on; 0 for none`, count, 16384)
  .option('--patience <seconds>', 'longest step to wait for when measuring', whole, 120)
  .option('--learning-rate <rate>', 'largest learning rate', rate, 0.008)
  .option('--width <channels>', 'channels, a multiple of the heads', whole, 64)
  .option('--heads <count>', 'heads of attention', whole, 2)
  .option('--blocks <count>', 'blocks of attention and feed-forward layer', whole, 2)
  .option('--seed <number>', 'of weights, projections and windows', whole, 1)
  .option('--out <directory>', 'where report.html goes', path => resolve(path), resolve('runs'))
  .parse()
  .opts<Options>();

const {backend, steps, batch, length, learningRate, seed, width, heads, blocks, out} = options;
const experiment: Experiment = {
  backend,
  attentions: inOrder(options.attention),
  sizes: {width, heads, blocks},
  budget: {steps, batch, length, learningRate, seed},
  testLengths: doublings(length, options.testLength),
  testCharacters: Math.max(options.testCharacters, options.testLength),
  costLengths: doublings(SHORTEST_COST, options.costLength),
  patience: options.patience,
};

await startBackend(backend);
const corpus = loadCorpus();
const text = describeText(corpus);
console.log(`${text}.\n`);
const results = await runExperiment(experiment, corpus, new TerminalProgress());

console.log(`\n${asText(learntTable(results))}`);
if (experiment.costLengths.length > 0) {
  console.log(`\n${asText(speedTable(results, experiment.costLengths))}`);
  console.log(`\n${asText(memoryTable(results, experiment.costLengths))}`);
}
mkdirSync(out, {recursive: true});
const file = join(out, 'report.html');
writeFileSync(file, page(results, await drawResults(results, length), experiment, text));
console.log(`\nThe curves: ${relative(process.cwd(), file)}`);
process.exit(); // Dawn keeps its threads

/** `first`, twice as much, … up to `last`. */
function doublings(first: number, last: number): number[] {
  const lengths: number[] = [];
  for (let length = first; length <= last; length *= 2) lengths.push(length);
  return lengths;
}

function whole(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('Expected a whole number of at least 1.');
  return Number(text);
}

function count(text: string): number {
  return text === '0' ? 0 : whole(text);
}

function rate(text: string): number {
  if (!(Number(text) > 0)) throw new InvalidArgumentError('Expected a number above 0.');
  return Number(text);
}
