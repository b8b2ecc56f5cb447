/** How the benchmarks are bundled with the package's sources, wherever they run. */
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** @type {import('esbuild').BuildOptions} */
export const BENCH_OPTIONS = {
  entryPoints: [join(root, 'benchmarks/main.ts')],
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  alias: {'tfjs-addons': join(root, 'src/index.ts')},
  ignoreAnnotations: true, // package.json's sideEffects names files of dist
};
