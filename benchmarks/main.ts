/** `npm run bench`: see docs/performance.md. */
import {existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {parseArgs} from 'node:util';

import {type BackendName, PASSES, type Result} from './benchmark.js';
import goals from './goals.json';
import {hardware, startBackend, threadsOf} from './harness/backend.js';
import {type Goals, shortfalls} from './harness/goals.js';
import {measure} from './harness/measure.js';
import {measureSteps} from './harness/measure_steps.js';
import {table} from './harness/table.js';
import {TorchPeer} from './harness/torch_peer.js';
import {BENCHMARKS} from './registry.js';

const HELP = `npm run bench -- [NAMES] [--backend tensorflow|wasm|cpu|webgpu] [--pass forward|training] [--check]
                 [--rounds N] [--seconds N] [--no-torch] [--dry]

  NAMES      ${BENCHMARKS.map(({name}) => name).join(', ')}; all of the backend when absent
  --backend  defaults to tensorflow
  --check    compare with benchmarks/goals.json; the exit code is 1 when something falls short
  --rounds   turns of each program, 9 unless told; the smallest time counts
  --seconds  at most for one pass of one benchmark, 60 unless told
  --no-torch do not compare with PyTorch
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
    'no-torch': {type: 'boolean', default: false},
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
  const unknown = positionals.filter(name => !BENCHMARKS.some(benchmark => benchmark.name === name));
  if (unknown.length > 0 || chosen.length === 0) {
    console.error(`unknown benchmark ${unknown.join(', ')}\n\n${HELP}`);
    return 2;
  }
  await startBackend(backend);
  const torch = values['no-torch'] ? undefined : await TorchPeer.start(join(home, 'torch/peer.py'), threadsOf(backend));
  console.log(`${backend}; ${torch ? `PyTorch ${torch.version}, ${threadsOf(backend)} thread(s)` : 'no PyTorch'}\n`);
  const settings = {
    rounds: Number(values.rounds),
    budget: Number(values.seconds),
    passes: values.pass === undefined ? PASSES : [values.pass as (typeof PASSES)[number]],
  };
  const results: Record<string, Result> = {};
  const failures: string[] = [];
  for (const benchmark of chosen) {
    try {
      results[benchmark.name] = await ('prepareLoops' in benchmark
        ? measureSteps(benchmark, settings)
        : measure(benchmark, torch, settings));
      console.log(`${table(benchmark.name, results[benchmark.name])}\n`);
    } catch (error) {
      failures.push(`${benchmark.name}: not measured, ${(error as Error).message}`);
    }
  }
  torch?.stop();
  if (!values.dry) await write(backend, torch?.version, results);
  if (values.check) failures.push(...shortfalls((goals as Goals)[backend], results));
  for (const failure of failures) console.error(failure);
  if (values.check && failures.length === 0) console.log('every goal is kept');
  return failures.length > 0 ? 1 : 0;
}

/** One file a backend; a run of some benchmarks replaces their entries only. */
async function write(backend: BackendName, torch: string | undefined, results: Record<string, Result>): Promise<void> {
  const file = join(home, 'results', `${backend}.json`);
  const old = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).results : {};
  const machine = {...(await hardware(backend)), ...(torch === undefined ? {} : {torch})};
  const measured = Object.fromEntries(
    Object.entries(results).map(([name, result]) => [name, {...result, date: today(), machine}]),
  );
  mkdirSync(join(home, 'results'), {recursive: true});
  writeFileSync(file, `${JSON.stringify({backend, results: {...old, ...measured}}, null, 2)}\n`);
}

function today(): string {
  return new Date().toISOString().slice(0, 10);
}
