import {existsSync, readFileSync} from 'node:fs';
import {basename, dirname, join} from 'node:path';

import {describe, expect, test} from '@jest/globals';

import {publicNames} from './public_names.js';
import {folderOf, type Import, importsOf, SOURCE_FILES, TEST_FILES} from './source_files.js';

/** What each folder of src/ may import besides itself; `null` is everything. */
const MAY_IMPORT: Record<string, string[] | null> = {
  internal: [],
  'kernels.ts': ['internal'],
  'webgpu_device.ts': ['internal'],
  activations: ['internal'],
  initializers: ['internal'],
  masks: ['internal'],
  node: ['internal'],
  cli: [],
  ops: ['internal'],
  callbacks: ['internal'],
  data: ['internal'],
  losses: ['ops', 'internal'],
  metrics: ['ops', 'internal'],
  optimizers: ['ops', 'internal'],
  layers: ['ops', 'activations', 'initializers', 'masks', 'internal'],
  models: null,
  'index.ts': null,
  'register.ts': null,
};

/** What a file may import at run time, besides files; the backends are imported as types only, except for Node. */
const packagesFor = (file: string): RegExp => {
  if (folderOf(file) === 'cli') return /^node:/;
  if (folderOf(file) === 'node') return /^(@tensorflow\/tfjs-(core|node)|webgpu|node:.*)$/;
  const usesLayers = ['layers', 'models', 'callbacks', 'internal'].includes(folderOf(file));
  return usesLayers ? /^@tensorflow\/tfjs-(core|layers)$/ : /^@tensorflow\/tfjs-core$/;
};

/** A file that brings an op to one backend. */
const KERNEL = /^src\/ops\/[^/]+\/(cpu|host|node|wasm|webgl|webgpu)\.ts$/;
const kernels = SOURCE_FILES.filter(file => KERNEL.test(file));

/** `importer → imported` for every import that breaks a rule. */
const breaches = (breaks: (imported: Import, file: string) => boolean): string[] =>
  SOURCE_FILES.flatMap(file =>
    importsOf(file)
      .filter(imported => breaks(imported, file))
      .map(({specifier}) => `${file} → ${specifier}`),
  );

describe('imports', () => {
  test('every folder has its place', () => {
    expect(SOURCE_FILES.map(folderOf).filter(folder => !(folder in MAY_IMPORT))).toEqual([]);
  });

  test('follow the arrows', () => {
    const against = ({file: imported}: Import, file: string): boolean => {
      const folder = folderOf(file);
      const allowed = MAY_IMPORT[folder];
      return imported !== undefined && allowed !== null && ![folder, ...allowed].includes(folderOf(imported));
    };
    expect(breaches(against)).toEqual([]);
  });

  test('name files that exist, with their ending', () => {
    expect(
      breaches(({file, specifier}) => file !== undefined && !(specifier.endsWith('.js') && existsSync(file))),
    ).toEqual([]);
  });

  test('name no package but tfjs-core and, above ops, tfjs-layers', () => {
    const strange = ({file: relative, specifier, typeOnly}: Import, file: string): boolean =>
      relative === undefined && !typeOnly && !packagesFor(file).test(specifier);
    expect(breaches(strange)).toEqual([]);
  });

  test('never reach into the folders of tfjs', () => {
    expect(breaches(({specifier}) => /^@tensorflow\/[^/]+\/./.test(specifier))).toEqual([]);
  });

  test('without names are those of kernels by their op: bundlers drop others', () => {
    const droppable = ({bare, file: imported = ''}: Import, file: string): boolean =>
      bare && !(KERNEL.test(imported) && dirname(imported) === dirname(file));
    expect(breaches(droppable)).toEqual([]);
  });
});

describe('files', () => {
  test('are short enough to read in one go', () => {
    expect(SOURCE_FILES.filter(file => readFileSync(file, 'utf8').split('\n').length > 300)).toEqual([]);
  });

  test('of kernels have a reference beside them, and their op imports them', () => {
    expect(kernels.filter(file => !existsSync(join(dirname(file), 'reference.ts')))).toEqual([]);
    const imported = new Set(SOURCE_FILES.flatMap(importsOf).map(({file}) => file));
    expect(kernels.filter(file => !imported.has(file))).toEqual([]);
  });

  test('of layers have a test of their own', () => {
    const layers = importsOf('src/layers/index.ts').map(({file}) => basename(file ?? '', '.ts'));
    expect(layers.filter(name => !existsSync(`test/layers/${name}.test.ts`))).toEqual([]);
  });

  test('of public ops, and of ops with kernels, have a test of their own', () => {
    const exported = importsOf('src/ops/index.ts').map(({file}) => file ?? '');
    const ops = new Set([...exported, ...kernels].map(file => basename(dirname(file))));
    expect([...ops].filter(name => !existsSync(`test/ops/${name}.test.ts`))).toEqual([]);
  });
});

test('what bundles for browsers have in place of a file exports the same names', () => {
  const {browser} = JSON.parse(readFileSync('package.json', 'utf8')) as {browser: Record<string, string>};
  const namesOf = (path: string): string[] => {
    const text = readFileSync(path.replace('./dist/esm/', 'src/').replace(/js$/, 'ts'), 'utf8');
    return [...text.matchAll(/^export (?:class|const|function) (\w+)/gm)].map(([, name]) => name).sort();
  };
  for (const [file, replacement] of Object.entries(browser)) expect(namesOf(replacement)).toEqual(namesOf(file));
});

test('every public name is in a test, itself or as the factory of its class', () => {
  const text = TEST_FILES.map(file => readFileSync(file, 'utf8')).join('\n');
  const named = (name: string): boolean => {
    const [first, ...rest] = name.slice(name.indexOf('.') + 1);
    return new RegExp(`\\b[${first.toLowerCase()}${first.toUpperCase()}]${rest.join('')}\\b`).test(text);
  };
  expect(publicNames()['.'].filter(name => !named(name))).toEqual([]);
});
