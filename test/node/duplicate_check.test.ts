import {cp, mkdir, rm} from 'node:fs/promises';
import {join} from 'node:path';

import {afterAll, beforeAll, expect} from '@jest/globals';

import {testOn} from '../support/backend.js';
import {runProgram} from './run_program.js';

/** Inside the repository, so that the copies find what they depend on. */
const FOLDER = join(process.cwd(), '.cache', `duplicates-${process.pid}`);
const CORE = '@tensorflow/tfjs-core';
const LAYERS = '@tensorflow/tfjs-layers';
const CPU = '@tensorflow/tfjs-backend-cpu';

beforeAll(async () => {
  for (const name of [CORE, LAYERS, CPU]) {
    const copy = join(FOLDER, 'node_modules', name);
    await mkdir(join(copy, 'dist'), {recursive: true});
    const from = join(process.cwd(), 'node_modules', name);
    await cp(join(from, 'package.json'), join(copy, 'package.json'));
    const main = `dist/tf-${name.slice('@tensorflow/tfjs-'.length)}.node.js`;
    await cp(join(from, main), join(copy, main));
  }
});
afterAll(() => rm(FOLDER, {recursive: true, force: true}));

const load = async (...args: string[]): Promise<string> =>
  (await runProgram('duplicate.ts', args, {DUPLICATES: FOLDER})).stderr;

testOn('cpu')('warns of a second tfjs-core that was loaded before', async () => {
  const message = await load('first', CORE, CPU);
  expect(message).toContain(`tfjs-addons: two copies of ${CORE} are loaded`);
  expect(message).toContain("'npm ls @tensorflow/tfjs-core @tensorflow/tfjs-layers' shows where they come from");
  expect(message.match(/tfjs-addons/g)).toHaveLength(1);
});

testOn('cpu')('warns of a second tfjs-core that is loaded after, when its backend starts', async () => {
  expect(await load('second', CORE, CPU)).toContain(`two copies of ${CORE}`);
});

testOn('cpu')('warns of a second tfjs-layers that is loaded after', async () => {
  await rm(join(FOLDER, 'node_modules', CORE), {recursive: true}); // the copy of tfjs-layers then shares our tfjs-core
  expect(await load('second', LAYERS, CPU)).toContain(`two copies of ${LAYERS}`);
  expect(await load('second', CPU)).not.toContain('tfjs-addons');
});
