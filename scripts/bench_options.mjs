/** How the benchmarks are bundled with the package's sources, wherever they run. */
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';

import {WITH_SOURCES} from './bundle_sources.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** @type {import('esbuild').BuildOptions} */
export const BENCH_OPTIONS = {
  ...WITH_SOURCES,
  entryPoints: [join(root, 'benchmarks/main.ts')],
  platform: 'node',
  target: 'node20',
};
