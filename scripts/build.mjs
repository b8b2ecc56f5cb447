/**
 * Builds the package into dist/:
 *   esm/  one file a source file, tree-shakable       cjs/  the same for require
 *   tfjs-addons.min.js  browser global `tfa` beside the global `tf`
 *
 *   node scripts/build.mjs [--if-changed]    --if-changed leaves a dist/ that is newer than all it is made of
 */
import {execFileSync} from 'node:child_process';
import {cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {dirname, join, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';

import * as esbuild from 'esbuild';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
process.chdir(root);
const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
const compile = project => execFileSync(process.execPath, [tsc, '-p', project], {stdio: 'inherit'});

const OUTFILE = 'dist/tfjs-addons.min.js'; // written last
if (process.argv.includes('--if-changed')) {
  if (isBuilt()) process.exit();
  console.log('Building the package, as its sources are new …');
}
rmSync('dist', {recursive: true, force: true});
compile('tsconfig.json');
compileCommonJs();
await bundleGlobal();

/** Folders count as well: removing a file makes its folder newer. */
function isBuilt() {
  const built = statSync(OUTFILE, {throwIfNoEntry: false})?.mtimeMs ?? 0;
  const sources = readdirSync('src', {recursive: true}).map(path => join('src', path));
  const all = ['src', ...sources, 'package.json', 'tsconfig.json', 'scripts/build.mjs'];
  return all.every(path => statSync(path).mtimeMs < built);
}

/** Under `nodenext` the nearest package.json decides the module kind, so the sources are seen from a CommonJS scope. */
function compileCommonJs() {
  rmSync('.cjs', {recursive: true, force: true});
  mkdirSync('.cjs');
  cpSync('src', '.cjs/src', {recursive: true});
  writeFileSync('.cjs/package.json', '{"type": "commonjs"}\n');
  const compilerOptions = {rootDir: 'src', outDir: '../dist/cjs'};
  writeFileSync('.cjs/tsconfig.json', JSON.stringify({extends: '../tsconfig.json', compilerOptions, include: ['src']}));
  compile('.cjs/tsconfig.json');
  rmSync('.cjs', {recursive: true});
  const {browser} = JSON.parse(readFileSync('package.json', 'utf8'));
  const local = path => path.replace('./dist/esm/', './');
  const replaced = Object.fromEntries(Object.entries(browser).map(entry => entry.map(local)));
  writeFileSync('dist/cjs/package.json', `${JSON.stringify({type: 'commonjs', browser: replaced})}\n`);
}

/** `<script src="tf.min.js">` then `<script src="tfjs-addons.min.js">`: both tfjs packages are the global `tf`. */
async function bundleGlobal() {
  const tfjsGlobal = {
    name: 'tfjs-global',
    setup(build) {
      build.onResolve({filter: /^@tensorflow\/tfjs-(core|layers)$/}, ({path}) => ({path, namespace: 'tfjs-global'}));
      build.onLoad({filter: /.*/, namespace: 'tfjs-global'}, () => ({contents: 'module.exports = globalThis.tf'}));
    },
  };
  await esbuild.build({
    entryPoints: ['dist/esm/index.js'],
    bundle: true,
    format: 'iife',
    globalName: 'tfa',
    minify: true,
    sourcemap: true,
    target: 'es2022',
    outfile: OUTFILE,
    plugins: [tfjsGlobal],
  });
  console.log(`${OUTFILE}: ${(statSync(OUTFILE).size / 1024).toFixed(1)} kB`);
}
