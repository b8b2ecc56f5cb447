/** Bundles single imports as an application would, and looks at what came along. */
import {readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {basename, join} from 'node:path';
import {pathToFileURL} from 'node:url';

import * as esbuild from 'esbuild';

import {root} from '../pack.mjs';
import {sizeTable} from './size_table.mjs';

/** Checked-in ceilings: minified bytes of `import {Name} from 'tfjs-addons/layers'` without tfjs. */
const CEILINGS = join(root, 'test/repo/bundle_sizes.json');

const KERNEL = /\/ops\/.*\/(cpu|host|node|wasm|webgl|webgpu)\.js$/;

/** @param updateSizes Writes the ceilings anew, a tenth above the sizes of now. */
export async function checkBundles(consumer, installedPackage, updateSizes) {
  const layers = await classesOf(installedPackage, 'layers');
  const optimizers = await classesOf(installedPackage, 'optimizers');
  const others = [...layers, ...optimizers];
  const sizes = {};
  const errors = [];
  for (const name of layers) {
    const {size, text, files} = await bundle(
      consumer,
      `import {${name}} from 'tfjs-addons/layers'; console.log(${name});`,
    );
    sizes[name] = size;
    const along = others.filter(other => other !== name && new RegExp(`className=["'\`]${other}["'\`]`).test(text));
    if (along.length > 0) errors.push(`${name} brings ${along.join(', ')}`);
    const strangers = files.filter(file => /\/(losses|optimizers|metrics|models)\//.test(file));
    if (strangers.length > 0) errors.push(`${name} brings ${strangers.join(', ')}`);
  }
  const {files: ofNamespace} = await bundle(consumer, `import {layers} from 'tfjs-addons'; console.log(layers);`);
  const outside = ofNamespace.filter(file => /\/(losses|optimizers|metrics|models)\//.test(file));
  if (outside.length > 0) errors.push(`import {layers} from 'tfjs-addons' brings ${outside.join(', ')}`);
  errors.push(...(await missingKernels(consumer, installedPackage)));

  if (updateSizes) writeFileSync(CEILINGS, `${JSON.stringify(ceilingsOf(sizes), null, 2)}\n`);
  const ceilings = JSON.parse(readFileSync(CEILINGS, 'utf8'));
  for (const [name, size] of Object.entries(sizes)) {
    if (!(size <= ceilings[name])) errors.push(`${name}: ${size} bytes, ceiling ${ceilings[name] ?? 'missing'}`);
  }
  for (const name of Object.keys(ceilings)) if (!(name in sizes)) errors.push(`ceiling of ${name}, which is no layer`);
  if (errors.length > 0) throw new Error(errors.join('\n'));
  sizeTable(ceilings, updateSizes);
  return `(${layers.length} layers, ${Math.min(...Object.values(sizes))} to ${Math.max(...Object.values(sizes))} bytes)`;
}

/** Names of the exports that tfjs can serialize. */
async function classesOf(installedPackage, folder) {
  const module = await import(pathToFileURL(join(installedPackage, 'dist/esm', folder, 'index.js')));
  return Object.keys(module).filter(name => module[name].className !== undefined);
}

/** Kernels that a bundle of the whole package lacks, because a bundler took their files for free of side effects. */
async function missingKernels(consumer, installedPackage) {
  const {files} = await bundle(consumer, `import * as tfa from 'tfjs-addons'; console.log(tfa);`);
  const bundled = new Set(files.map(file => file.slice(file.indexOf('/dist/'))));
  return readdirSync(join(installedPackage, 'dist/esm/ops'), {recursive: true})
    .map(file => `/dist/esm/ops/${file}`)
    .filter(file => KERNEL.test(file) && !bundled.has(file))
    .map(file => `bundlers drop ${file}: import it in its op, and list it under sideEffects in package.json`);
}

async function bundle(consumer, contents) {
  const result = await esbuild.build({
    stdin: {contents, resolveDir: consumer, sourcefile: 'application.js'},
    absWorkingDir: consumer,
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    external: ['@tensorflow/*'],
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  if (result.warnings.length > 0) throw new Error(result.warnings.map(({text}) => text).join('\n'));
  const [{text, contents: bytes}] = result.outputFiles;
  const [{inputs}] = Object.values(result.metafile.outputs);
  const files = Object.keys(inputs).filter(
    file => inputs[file].bytesInOutput > 0 && basename(file) !== 'application.js',
  );
  return {size: bytes.length, text, files};
}

const ceilingsOf = sizes =>
  Object.fromEntries(Object.entries(sizes).map(([name, size]) => [name, Math.ceil((size * 1.1) / 100) * 100]));
