import {spawnSync} from 'node:child_process';
import {existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

import {afterEach, beforeEach, describe, expect, test} from '@jest/globals';

import {setupNative} from '../../src/cli/setup_native/index.js';
import {installedPackage} from '../../src/cli/setup_native/installed_package.js';
import {orUndo} from '../../src/cli/setup_native/undo.js';

let project: string;
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'tfjs-addons-'));
  writeFileSync(join(project, 'package.json'), '{}');
});
afterEach(() => rmSync(project, {recursive: true}));

function install(name: string): string {
  const folder = join(project, 'node_modules', name);
  mkdirSync(folder, {recursive: true});
  writeFileSync(join(folder, 'package.json'), JSON.stringify({name, version: '4.22.0'}));
  return folder;
}

describe('setup-native', () => {
  test('builds the package that is there', () => {
    const folder = install('@tensorflow/tfjs-node');
    expect(installedPackage(project, true)).toEqual({name: '@tensorflow/tfjs-node', version: '4.22.0', folder});
  });

  test('builds of two packages the one that is asked for', () => {
    const [cpu, gpu] = ['@tensorflow/tfjs-node', '@tensorflow/tfjs-node-gpu'].map(install);
    expect(installedPackage(project, false).folder).toBe(cpu);
    expect(installedPackage(project, true).folder).toBe(gpu);
    expect(installedPackage(project, true, '@tensorflow/tfjs-node').folder).toBe(cpu);
  });

  test('says what is missing', () => {
    expect(() => installedPackage(project, false)).toThrow(`are not installed in ${project}`);
    expect(() => installedPackage(project, false, 'tfjs')).toThrow('--package tfjs is not known');
    const path = process.env.PYTHON;
    process.env.PYTHON = join(project, 'no-python');
    try {
      expect(() => setupNative({project})).toThrow('Python 3 with pip is missing');
    } finally {
      if (path === undefined) delete process.env.PYTHON;
      else process.env.PYTHON = path;
    }
  });

  describe('a build', () => {
    const built = (folder: string) => readFileSync(join(folder, 'deps/libtensorflow.so'), 'utf8');
    const write = (folder: string, text: string, deps = 'deps') => {
      mkdirSync(join(folder, deps)); // fails where there is one
      writeFileSync(join(folder, deps, 'libtensorflow.so'), text);
    };
    const previous = () => {
      const folder = install('@tensorflow/tfjs-node');
      write(folder, '2.9');
      return folder;
    };

    test('takes the place of the previous one', () => {
      const folder = previous();
      orUndo(folder, () => write(folder, '2.21'));
      expect(built(folder)).toBe('2.21');
      expect(existsSync(join(folder, 'deps.before-setup-native'))).toBe(false);
    });

    test('that fails leaves the previous one', () => {
      const folder = previous();
      const broken = () => {
        write(folder, 'half');
        throw new Error('no compiler');
      };
      expect(() => orUndo(folder, broken)).toThrow('no compiler');
      expect(built(folder)).toBe('2.9');
    });

    test('that was killed is undone by the next', () => {
      const folder = previous();
      write(folder, '2.8', 'deps.before-setup-native');
      expect(() =>
        orUndo(folder, () => {
          throw new Error('again');
        }),
      ).toThrow('again');
      expect(built(folder)).toBe('2.8');
    });
  });

  test.each([
    [['--help'], 0, 'Builds the addon'],
    [[], 2, 'Builds the addon'],
    [['setup'], 2, 'there is no command setup'],
    [['setup-native', '--gpus'], 2, "Unknown option '--gpus'"],
  ])('the command line: %j', (args, code, text) => {
    const {status, stdout, stderr} = spawnSync(
      process.execPath,
      ['--import', 'tsx', 'src/cli/main.ts', ...(args as string[])],
      {encoding: 'utf8'},
    );
    expect(stdout + stderr).toContain(text);
    expect(status).toBe(code);
  });
});
