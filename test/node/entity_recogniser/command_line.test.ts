import {spawnSync} from 'node:child_process';
import {resolve} from 'node:path';

import {describe, expect, test} from '@jest/globals';

import {
  evenInteger,
  nonNegativeNumber,
  positiveInteger,
  positiveNumber,
  seed,
  share,
} from '../../../examples/entity-recogniser/src/cli/argument_parsers.js';
import {parseCommandLine} from '../../../examples/entity-recogniser/src/cli/program.js';
import {PRESETS} from '../../../examples/entity-recogniser/src/presets.js';

const program = resolve('examples/entity-recogniser/src/main.ts');
const start = (...args: string[]) =>
  spawnSync(process.execPath, ['--import', 'tsx', program, ...args], {encoding: 'utf8'});

describe('command line of the entity recogniser', () => {
  test('without options: generated text and the preset for it', () => {
    expect(parseCommandLine([])).toMatchObject({
      command: 'train',
      overwrite: false,
      run: {...PRESETS.generated, command: 'npm start'},
    });
  });

  test('options replace single settings of the preset, and the command is kept', () => {
    const request = parseCommandLine(['--data', 'my text', '--units', '48', '--optimizer', 'sgd', '--out', 'o']);
    const run = {
      ...PRESETS.standard,
      units: 48,
      optimizer: 'sgd',
      command: 'npm start -- --data "my text" --units 48 --optimizer sgd --out o',
    };
    expect(request).toMatchObject({command: 'train', run});
  });

  test('tag, evaluate and resume', () => {
    expect(parseCommandLine(['tag', 'a b', '--out', '/o'])).toEqual({command: 'tag', texts: ['a b'], out: '/o'});
    expect(parseCommandLine(['evaluate', '--out', '/o', '--data', '/d'])).toEqual({
      command: 'evaluate',
      out: '/o',
      data: '/d',
    });
    expect(parseCommandLine(['--resume', '--out', '/o'])).toEqual({command: 'resume', out: '/o'});
  });

  test.each([
    [positiveInteger, ['0', '1.5', '-1', 'x', ''], 'Expected a whole number of at least 1.'],
    [evenInteger, ['7'], 'Expected an even number.'],
    [share, ['1', '-0.1', 'x', ''], 'Expected a number from 0 to below 1.'],
    [positiveNumber, ['0', 'x', 'Infinity'], 'Expected a number above 0.'],
    [nonNegativeNumber, ['-1', 'NaN'], 'Expected a number of at least 0.'],
    [seed, ['-1', '1e3', '4294967296'], 'Expected a whole number from 0 to 2147483647.'],
  ])('%p refuses what is no such number', (parse, texts, message) => {
    for (const text of texts) expect(() => parse(text)).toThrow(message);
  });

  test.each([
    [['--backend', 'gpu'], 'Allowed choices are wasm, webgpu, tensorflow, cpu.'],
    [['--resume', '--epochs', '3'], '--resume goes on with the settings of the stopped run; leave out --epochs'],
  ])('%j ends with what is wrong', (args, message) => {
    const {status, stderr} = start(...args);
    expect(stderr).toContain(message);
    expect(status).toBe(1);
  });
});
