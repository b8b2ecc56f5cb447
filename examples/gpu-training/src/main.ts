/** `npm start`: see `npm start -- --help`. */
import {resolve} from 'node:path';

import {Command, InvalidArgumentError, Option} from 'commander';

import {measure} from './measure.js';
import {addResult, table} from './results.js';
import {BACKENDS, type BackendName, startGpu} from './start_gpu.js';

interface Options {
  backend: BackendName;
  steps: number;
  batch: number;
  units: number;
  layers: number;
  allowCpu?: boolean;
  out: string;
}

const {backend, steps, batch, units, layers, allowCpu, out} = new Command('npm start --')
  .description('Trains the entity recogniser for some steps on a GPU, and measures them.')
  .addOption(
    new Option('--backend <name>', 'CUDA through TensorFlow, or any GPU through WebGPU')
      .choices(BACKENDS)
      .default('webgpu'),
  )
  .option('--steps <count>', 'steps that are measured, after 5 that warm up', whole, 50)
  .option('--batch <count>', 'sentences in a step', whole, 64)
  .option('--units <count>', 'width of the model', whole, 256)
  .option('--layers <count>', 'gated attention units', whole, 3)
  .option('--allow-cpu', 'go on where no GPU is found')
  .option('--out <file>', 'results, one entry a backend', path => resolve(path), resolve('runs/results.json'))
  .parse()
  .opts<Options>();

try {
  const device = await startGpu(backend, allowCpu ?? false);
  console.log(`${backend} on ${device.name}`);
  const size = {steps, batchSize: batch, units, layers};
  const measured = await measure(size, (step, loss) => {
    if (step % 10 === 1) console.log(`step ${step}  loss ${loss.toFixed(2)}`);
  });
  console.log(`\n${table(addResult(out, backend, {...measured, device: device.name, size}))}`);
  if (!device.isGpu) console.error('\nThis was measured WITHOUT A GPU.');
  process.exit(); // Dawn keeps its threads
} catch (error) {
  console.error((error as Error).message);
  process.exit(1);
}

function whole(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('It is a whole number above 0.');
  return Number(text);
}
