import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

import {expect} from '@jest/globals';

import {testOn} from '../support/backend.js';
import {runProgram} from './run_program.js';

/** What a program prints that was saved and resumed in a new process, and what it prints when nothing interrupts it. */
async function resumedAndWhole(program: string): Promise<[Record<string, unknown>, Record<string, unknown>]> {
  const folder = await mkdtemp(join(tmpdir(), 'resume-'));
  try {
    const [, whole] = await Promise.all(['first', 'whole'].map(phase => runProgram(program, [phase, folder])));
    const resumed = await runProgram(program, ['second', folder]);
    return [JSON.parse(resumed.stdout), JSON.parse(whole.stdout)];
  } finally {
    await rm(folder, {recursive: true});
  }
}

testOn('cpu', 'wasm', 'tensorflow')(
  'a run that is saved and resumed in a new process gives the same numbers',
  async () => {
    const [resumed, whole] = await resumedAndWhole('train.ts');
    expect(resumed).toEqual(whole);
  },
  120_000,
);

testOn('cpu', 'wasm', 'tensorflow')(
  'so does each nested optimizer, bit for bit, saved in the middle of its cycle',
  async () => {
    const [resumed, whole] = await resumedAndWhole('resume_optimizers.ts');
    expect(Object.keys(resumed)).toEqual(Object.keys(whole));
    for (const name of Object.keys(whole)) expect({name, run: resumed[name]}).toEqual({name, run: whole[name]});
  },
  120_000,
);
