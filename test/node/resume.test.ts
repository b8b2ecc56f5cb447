import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

import {expect} from '@jest/globals';

import {testOn} from '../support/backend.js';
import {runProgram} from './run_program.js';

testOn('cpu', 'wasm', 'tensorflow')(
  'a run that is saved and resumed in a new process gives the same numbers',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'resume-'));
    try {
      await runProgram('train.ts', ['first', folder]);
      const [resumed, whole] = await Promise.all(
        ['second', 'whole'].map(phase => runProgram('train.ts', [phase, folder])),
      );
      expect(JSON.parse(resumed.stdout)).toEqual(JSON.parse(whole.stdout));
    } finally {
      await rm(folder, {recursive: true});
    }
  },
  120_000,
);
