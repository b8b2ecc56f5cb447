/** `npm start`: see `npm start -- --help`. */
import {mkdirSync, writeFileSync} from 'node:fs';
import {join, relative, resolve} from 'node:path';

import cliProgress from 'cli-progress';
import {Command, InvalidArgumentError, Option} from 'commander';

import {type Comparison, compare, countRuns} from './compare.js';
import {drawComparison} from './report/charts.js';
import {page} from './report/page.js';
import {STRIDE} from './run.js';
import {BACKENDS, type BackendName, startBackend} from './start_backend.js';
import {table} from './table.js';
import {spirals} from './tasks/spirals.js';
import {valley} from './tasks/valley.js';

interface Options {
  backend: BackendName;
  steps: number;
  seeds: number;
  out: string;
}

const {backend, steps, seeds, out} = new Command('npm start --')
  .description(
    'Trains small models with several optimizers, from learning rates that are too small, good and too large.',
  )
  .addOption(new Option('--backend <name>', 'where tensors live').choices(BACKENDS).default('cpu'))
  .option('--steps <count>', `steps of each run, a multiple of ${STRIDE}`, stepCount, 300)
  .option('--seeds <count>', 'runs of each kind; medians are reported', positiveInteger, 1)
  .option('--out <directory>', 'where report.html goes', path => resolve(path), resolve('runs'))
  .parse()
  .opts<Options>();

await startBackend(backend);
const tasks = [valley(), spirals()];
const {BarFormat, TimeFormat} = cliProgress.Format;
const bar = new cliProgress.SingleBar({
  format: (options, {progress, value, total, eta}) => {
    const left = value === 0 ? '–' : TimeFormat(eta, options, 5);
    return `${BarFormat(progress, options)} ${value} of ${total} runs, ${left} left`;
  },
  hideCursor: true,
});
bar.start(tasks.length * countRuns(seeds), 0);
const comparisons: Comparison[] = [];
for (const task of tasks) comparisons.push(await compare(task, steps, seeds, () => bar.increment()));
bar.stop();

for (const comparison of comparisons) console.log(`\n${table(comparison)}`);
mkdirSync(out, {recursive: true});
const file = join(out, 'report.html');
const sections = [];
for (const comparison of comparisons) sections.push({comparison, charts: await drawComparison(comparison)});
writeFileSync(file, page(sections, {steps, seeds, backend}));
console.log(`\nThe curves, gains and scales: ${relative(process.cwd(), file)}`);

function positiveInteger(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('Expected a whole number of at least 1.');
  return Number(text);
}

function stepCount(text: string): number {
  const value = positiveInteger(text);
  if (value % STRIDE !== 0) throw new InvalidArgumentError(`Expected a multiple of ${STRIDE}.`);
  return value;
}
