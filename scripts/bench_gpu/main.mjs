/**
 * Makes a folder that runs the webgpu tests and benchmarks on another machine, without Node, npm or network there:
 *
 *   npm run bench:gpu                      writes gpu-bench/, less than 64 MB
 *   gpu-bench/run.sh [--skip-tests] [options of npm run bench]
 *
 * That machine is Linux on the same processor architecture, with a driver of its GPU and a Vulkan loader. PyTorch with
 * CUDA is measured beside it where `python3 -c "import torch"` works.
 */
import {chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {dirname, join, relative, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';
import {parseArgs} from 'node:util';
import {constants, gzipSync} from 'node:zlib';

import * as esbuild from 'esbuild';

import {bundleTests} from '../../test/browser/bundle.mjs';
import {BENCH_OPTIONS} from '../bench_options.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, '../..');
const {values} = parseArgs({options: {out: {type: 'string', default: join(root, 'gpu-bench')}}});
const out = resolve(values.out);
const CEILING = 64 * 2 ** 20;

rmSync(out, {recursive: true, force: true});
mkdirSync(out, {recursive: true});
await bundleBenchmarks();
await bundleAllTests();
const dawn = `dist/${process.platform}-${process.arch}/dawn.node`;
pack(join(dirname(createRequire(import.meta.url).resolve('webgpu')), dawn), 'dawn.node.gz');
pack(process.execPath, 'node.gz');
for (const file of ['run.sh', 'run_tests.mjs', 'run_test_file.mjs']) cpSync(join(here, file), join(out, file));
chmodSync(join(out, 'run.sh'), 0o755);
const size = sizeOf(out);
console.log(`${relative(process.cwd(), out)}: ${(size / 2 ** 20).toFixed(1)} MB. Copy it, and run run.sh there.`);
if (size > CEILING) throw new Error(`larger than ${CEILING / 2 ** 20} MB`);

/** What every Linux can unpack. */
function pack(file, name) {
  writeFileSync(join(out, name), gzipSync(readFileSync(file), {level: constants.Z_BEST_COMPRESSION}));
}

/** One file with tfjs and all benchmarks; `webgpu` is the dawn.node beside it. */
async function bundleBenchmarks() {
  await esbuild.build({
    ...BENCH_OPTIONS,
    alias: {...BENCH_OPTIONS.alias, webgpu: join(here, 'dawn.mjs')},
    external: ['./dawn.node', '@tensorflow/tfjs-node'],
    mainFields: ['module', 'main'],
    banner: {
      js: "import {createRequire as makeRequire} from 'node:module'; const require = makeRequire(import.meta.url);",
    },
    outfile: join(out, 'benchmarks/main.mjs'),
  });
  cpSync(join(root, 'benchmarks/torch'), join(out, 'benchmarks/torch'), {recursive: true});
}

/** The modules that Chromium's pages load, for Node: they run wherever there is `navigator.gpu`. */
async function bundleAllTests() {
  const require = createRequire(import.meta.url);
  const config = require('../../jest.config.cjs');
  const files = ['ops', 'layers', 'losses', 'optimizers', 'internal', 'masks', 'metrics', 'models', 'webgpu_device']
    .flatMap(folder =>
      readdirSync(join(root, 'test', folder), {recursive: true}).map(file => join(root, 'test', folder, file)),
    )
    .filter(file => file.endsWith('.test.ts') && !file.endsWith('.node.test.ts'));
  const inRoot = path => path.replace('<rootDir>', root);
  const {outputs, modulesOf} = await bundleTests(
    files,
    {
      rootDir: root,
      setupFilesAfterEnv: config.setupFilesAfterEnv.map(inRoot),
      moduleNameMapper: Object.entries(config.moduleNameMapper).map(([pattern, path]) => [pattern, inRoot(path)]),
    },
    'webgpu',
    'tests',
  );
  for (const [url, {contents}] of outputs) {
    if (url.endsWith('.html')) continue;
    mkdirSync(dirname(join(out, url)), {recursive: true});
    writeFileSync(join(out, url), contents);
  }
  writeFileSync(join(out, 'tests/package.json'), '{"type": "module"}\n');
  writeFileSync(join(out, 'tests/files.json'), JSON.stringify(files.map(modulesOf)));
  cpSync(join(root, 'test/golden'), join(out, 'test/golden'), {recursive: true});
}

function sizeOf(folder) {
  return readdirSync(folder, {recursive: true, withFileTypes: true})
    .filter(entry => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}
