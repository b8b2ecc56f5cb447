/**
 * Runs every `ts` and `js` block of the documentation, with `tf` and `tfa` in scope. A block marked `no-run` must still
 * parse. A line that ends in `.print(); // 0.25, 9` must print these numbers.
 */
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {basename, join} from 'node:path';

import {afterAll, beforeAll, describe, expect, jest, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs';
import {transformSync} from 'esbuild';

import * as tfa from '../../src/index.js';
import * as layers from '../../src/layers/index.js';
import * as losses from '../../src/losses/index.js';
import * as metrics from '../../src/metrics/index.js';
import * as node from '../../src/node/index.js';
import * as train from '../../src/optimizers/index.js';
import {DOC_EXAMPLES, type Example} from './doc_blocks.js';
import {importsOf, SOURCE_FILES} from './source_files.js';

/** What an example may import, by the names that a user writes. */
const MODULES: Record<string, object> = {
  '@tensorflow/tfjs': tf,
  'tfjs-addons': tfa,
  'tfjs-addons/layers': layers,
  'tfjs-addons/losses': losses,
  'tfjs-addons/metrics': metrics,
  'tfjs-addons/node': node,
  'tfjs-addons/register': {},
  'tfjs-addons/train': train,
};

const PRINTED = /^(.+)\.print\(\); \/\/ (?:[a-z ]+: )?([-\d.,e [\]]+)$/gm;

/** The body of an async function: types gone, imports turned into calls of `load`. */
function compile({code, place}: Example): string {
  const checked = code.replace(PRINTED, 'await expectPrinted($1, "$2");');
  const js = transformSync(checked, {loader: 'ts', format: 'esm', target: 'es2022', sourcefile: place}).code;
  return js
    .replace(/^import \* as (\w+) from ("[^"]+");/gm, 'const $1 = load($2);')
    .replace(
      /^import (\{[^}]*\}) from ("[^"]+");/gm,
      (_, names, from) => `const ${names.replace(/ as /g, ': ')} = load(${from});`,
    )
    .replace(/^import ("[^"]+");/gm, 'load($1);');
}

function load(name: string): object {
  if (!(name in MODULES)) throw new Error(`an example may import ${Object.keys(MODULES).join(', ')}, not ${name}`);
  return MODULES[name];
}

/** Numbers as exact as they are written, up to what a float32 holds; booleans as digits. */
async function expectPrinted(tensor: tf.Tensor, text: string): Promise<void> {
  const values = Array.from(await tensor.data(), Number);
  if (tensor.dtype === 'bool') {
    expect(values.join('')).toBe(text.replace(/\D/g, ''));
    return;
  }
  const written = text.match(/-?[\d.]+(e-?\d+)?/g) ?? [];
  expect(values).toHaveLength(written.length);
  for (const [i, number] of written.entries()) {
    const decimals = Math.min(number.split('.')[1]?.length ?? 0, 6);
    expect(values[i]).toBeCloseTo(Number(number), decimals);
  }
}

const complain = (...values: unknown[]): void => {
  throw new Error(`an example wrote to the console: ${values.join(' ')}`);
};
const quiet = {...console, log: () => {}, table: () => {}, warn: complain, error: complain};

async function execute(example: Example): Promise<void> {
  const AsyncFunction = execute.constructor as FunctionConstructor;
  const imported = /^import \* as (tfa?) from/gm;
  const own = new Set([...example.code.matchAll(imported)].map(([, name]) => name));
  const scope = Object.entries({tf, tfa, load, expectPrinted, console: quiet}).filter(([name]) => !own.has(name));
  const run = new AsyncFunction(...scope.map(([name]) => name), compile(example));
  await run(...scope.map(([, value]) => value));
}

describe('examples of the documentation', () => {
  const repository = process.cwd();
  const folder = mkdtempSync(join(tmpdir(), 'tfjs-addons-'));
  beforeAll(async () => {
    process.chdir(folder); // for those that save something
    await tf.setBackend('cpu');
    tf.env().set('IS_TEST', true); // no greeting, which counts as a warning
    jest.spyOn(console, 'log').mockImplementation(() => {}); // where print() goes
  });

  afterAll(() => {
    process.chdir(repository);
    rmSync(folder, {recursive: true});
  });

  test.each(DOC_EXAMPLES.filter(({runs}) => runs).map(example => [example.place, example] as const))(
    '%s',
    (_, example) => execute(example),
  );

  test.each(DOC_EXAMPLES.filter(({runs}) => !runs).map(example => [example.place, example] as const))(
    '%s parses',
    (_, example) => {
      expect(compile(example)).not.toBe('');
    },
  );
});

test('every public file shows an example', () => {
  const indexes = SOURCE_FILES.filter(file => /^src\/(\w+\/)?index\.ts$/.test(file));
  const exported = new Set(indexes.flatMap(importsOf).flatMap(({file, typeOnly}) => (file && !typeOnly ? [file] : [])));
  const shown = new Set(DOC_EXAMPLES.map(({place}) => place.split(':')[0]));
  const silent = [...exported].filter(file => !shown.has(file) && !/^src\/(\w+\/)?index\.ts$/.test(file));
  expect(silent.filter(file => basename(file) !== 'kernels.ts')).toEqual([]);
});
