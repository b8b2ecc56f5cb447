/** `npm run bench`: see docs/performance.md. */
import {existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {parseArgs} from 'node:util';

import {type BackendName, type Benchmark, PASSES, type Pass, type Result, type StepBenchmark} from './benchmark.js';
import goals from './goals.json';
import {hardware, hasFeature, startBackend, threadsOf} from './harness/backend.js';
import {useClock} from './harness/clock.js';
import {type Goals, type Measured, measuredGrowth, measuredOf, shortfalls} from './harness/goals.js';
import {type GrowthResult, measureGrowth} from './harness/growth.js';
import {growthTable} from './harness/growth_table.js';
import {measure} from './harness/measure.js';
import {measureSteps} from './harness/measure_steps.js';
import {table} from './harness/table.js';
import {type TorchDevice, TorchPeer} from './harness/torch_peer.js';
import {BENCHMARKS, GROWTH_BENCHMARKS} from './registry.js';

const DEFAULT_LENGTHS = '256,512,1024,4096,16384,65536';

const HELP = `npm run bench -- [NAMES] [--backend tensorflow|wasm|cpu|webgpu] [--pass forward|training] [--check]
                 [--rounds N] [--seconds N] [--lengths N,N,…] [--no-torch] [--torch-device cpu|cuda]
                 [--processor-time] [--full-device] [--dry]

  NAMES      ${BENCHMARKS.map(({name}) => name).join(', ')}; all of the backend when absent
             ${GROWTH_BENCHMARKS.map(({name}) => name).join(', ')}: how time and memory grow with the length
  --backend  defaults to tensorflow
  --check    compare with benchmarks/goals.json; the exit code is 1 when something falls short
  --rounds   turns of each program, 9 unless told; the smallest time counts
  --seconds  at most for one pass of one benchmark, 60 unless told
  --lengths  of the sequences whose growth is measured, ${DEFAULT_LENGTHS} unless told
  --processor-time
             counts the time of the process on all its threads instead of the wall's, for a busy machine
  --full-device
             on webgpu all that the adapter has (setWebGpuDevice), for the benchmarks in float16 among them
  --no-torch do not compare with PyTorch
  --torch-device
             where PyTorch computes; on cuda also with bfloat16, timed beside float32
  --dry      print, but keep benchmarks/results as it is`;

/** The folder of this file in the sources; the bundle that runs lies elsewhere. */
const home = process.env.BENCHMARKS_HOME!;

const {values, positionals} = parseArgs({
  allowPositionals: true,
  options: {
    backend: {type: 'string', default: 'tensorflow'},
    pass: {type: 'string'},
    check: {type: 'boolean', default: false},
    rounds: {type: 'string', default: '9'},
    seconds: {type: 'string', default: '60'},
    lengths: {type: 'string', default: DEFAULT_LENGTHS},
    'processor-time': {type: 'boolean', default: false},
    'full-device': {type: 'boolean', default: false},
    'no-torch': {type: 'boolean', default: false},
    'torch-device': {type: 'string', default: 'cpu'},
    dry: {type: 'boolean', default: false},
    help: {type: 'boolean', default: false},
  },
});
if (values.help) console.log(HELP);
else process.exitCode = await main();
process.exit(); // Dawn keeps its threads

async function main(): Promise<number> {
  const backend = values.backend as BackendName;
  const chosen = BENCHMARKS.filter(({name, backends}) =>
    positionals.length === 0 ? backends.includes(backend) : positionals.includes(name),
  );
  const growing = GROWTH_BENCHMARKS.filter(({name}) => positionals.includes(name));
  const known = [...BENCHMARKS, ...GROWTH_BENCHMARKS];
  const unknown = positionals.filter(name => !known.some(benchmark => benchmark.name === name));
  if (unknown.length > 0 || chosen.length + growing.length === 0) {
    console.error(`unknown benchmark ${unknown.join(', ')}\n\n${HELP}`);
    return 2;
  }
  if (values['processor-time']) useClock('processor');
  await startBackend(backend, values['full-device']);
  const device = values['torch-device'] as TorchDevice;
  const threads = threadsOf(backend);
  const script = join(home, 'torch/peer.py');
  const torch = values['no-torch'] ? undefined : await TorchPeer.start(script, threads, device);
  const where = device === 'cuda' ? 'CUDA' : `${threads} thread(s)`;
  console.log(`${backend}; ${torch ? `PyTorch ${torch.version}, ${where}` : 'no PyTorch'}\n`);
  const settings = {
    rounds: Number(values.rounds),
    budget: Number(values.seconds),
    passes: values.pass === undefined ? PASSES : [values.pass as (typeof PASSES)[number]],
  };
  const results: Record<string, Result | GrowthResult> = {};
  const measured: Measured = {};
  const failures: string[] = [];
  for (const benchmark of chosen) {
    if (isLeftOut(benchmark)) continue;
    try {
      const result = await ('prepareLoops' in benchmark
        ? measureSteps(benchmark, settings)
        : measure(benchmark, torch, settings));
      results[benchmark.name] = result;
      measured[benchmark.name] = mapPasses(result.passes, measuredOf);
      console.log(`${table(benchmark.name, result)}\n`);
    } catch (error) {
      failures.push(`${benchmark.name}: not measured, ${(error as Error).message}`);
    }
  }
  torch?.stop();
  const lengths = values.lengths.split(',').map(Number);
  for (const benchmark of growing) {
    try {
      const result = await measureGrowth(benchmark, lengths, settings);
      results[benchmark.name] = result;
      measured[benchmark.name] = mapPasses(result.passes, measuredGrowth);
      console.log(`${growthTable(benchmark.name, result)}\n`);
    } catch (error) {
      failures.push(`${benchmark.name}: not measured, ${(error as Error).message}`);
    }
  }
  if (!values.dry) await write(backend, torch?.version, results);
  if (values.check) failures.push(...shortfalls((goals as Goals)[backend], measured));
  for (const failure of failures) console.error(failure);
  if (values.check && failures.length === 0) console.log('every goal is kept');
  return failures.length > 0 ? 1 : 0;
}

/** Of a run of all benchmarks: what the device cannot run. */
function isLeftOut(benchmark: Benchmark | StepBenchmark): boolean {
  const needs = 'needs' in benchmark ? benchmark.needs : undefined;
  if (needs === undefined || positionals.length > 0 || hasFeature(needs)) return false;
  console.log(`${benchmark.name}: left out, the device has no ${needs}\n`);
  return true;
}

/** One file a backend; a run of some benchmarks replaces their entries only. */
async function write(
  backend: BackendName,
  torch: string | undefined,
  results: Record<string, Result | GrowthResult>,
): Promise<void> {
  const file = join(home, 'results', `${backend}.json`);
  const old = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).results : {};
  const machine = {...(await hardware(backend)), ...(torch === undefined ? {} : {torch})};
  const measured = Object.fromEntries(
    Object.entries(results).map(([name, result]) => [name, {...result, date: today(), machine}]),
  );
  mkdirSync(join(home, 'results'), {recursive: true});
  writeFileSync(file, `${JSON.stringify({backend, results: {...old, ...measured}}, null, 2)}\n`);
}

function mapPasses<T, U>(passes: Partial<Record<Pass, T>>, map: (pass: T) => U): Partial<Record<Pass, U>> {
  return Object.fromEntries(Object.entries(passes).map(([pass, result]) => [pass, map(result)]));
}

function today(): string {
  return new Date().toISOString().slice(0, 10);
}
