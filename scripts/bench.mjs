/** Bundles the benchmarks with the package's sources and runs them: `npm run bench -- --help`. */
import {spawnSync} from 'node:child_process';
import {join, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';

import * as esbuild from 'esbuild';

const root = resolve(fileURLToPath(import.meta.url), '../..');
const args = process.argv.slice(2);
const outfile = join(root, '.cache/bench/main.mjs');

await esbuild.build({
  entryPoints: [join(root, 'benchmarks/main.ts')],
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  sourcemap: true,
  alias: {'tfjs-addons': join(root, 'src/index.ts')},
  packages: 'external',
  ignoreAnnotations: true, // package.json's sideEffects names files of dist
  outfile,
});
const {status} = spawnSync(process.execPath, ['--enable-source-maps', '--no-deprecation', outfile, ...args], {
  stdio: 'inherit',
  env: {TF_CPP_MIN_LOG_LEVEL: '2', ...process.env, BENCHMARKS_HOME: join(root, 'benchmarks')},
});
process.exitCode = status ?? 1;
