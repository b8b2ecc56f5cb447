/** Bundles the benchmarks with the package's sources and runs them: `npm run bench -- --help`. */
import {spawnSync} from 'node:child_process';
import {join, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';

import * as esbuild from 'esbuild';

import {BENCH_OPTIONS} from './bench_options.mjs';

const root = resolve(fileURLToPath(import.meta.url), '../..');
const args = process.argv.slice(2);
const outfile = join(root, '.cache/bench/main.mjs');

await esbuild.build({
  ...BENCH_OPTIONS,
  sourcemap: true,
  packages: 'external',
  outfile,
});
const {status} = spawnSync(
  process.execPath,
  [...process.execArgv, '--enable-source-maps', '--no-deprecation', outfile, ...args],
  {
    stdio: 'inherit',
    env: {TF_CPP_MIN_LOG_LEVEL: '2', ...process.env, BENCHMARKS_HOME: join(root, 'benchmarks')},
  },
);
process.exitCode = status ?? 1;
