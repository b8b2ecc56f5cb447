import {mkdtemp, readdir, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join, relative} from 'node:path';

import {afterEach, beforeEach, describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import {type LayersModel, layers, loadLayersModel, sequential} from '@tensorflow/tfjs-layers';

import {loadModel, saveModel} from '../../src/models/index.js';
import {fileSystem} from '../../src/node/index.js';
import {expectClose} from '../support/expect.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'model-'));
});
afterEach(() => rm(folder, {recursive: true}));

function modelOf(value: number): LayersModel {
  const model = sequential({layers: [layers.dense({units: 2, inputShape: [3]})]});
  model.setWeights([tf.fill([3, 2], value), tf.zeros([2])]);
  return model;
}

const outputOf = (model: LayersModel): tf.Tensor => model.predict(tf.ones([1, 3])) as tf.Tensor;
const weightsFile = async (): Promise<string> => (await readdir(folder)).find(file => file.endsWith('.bin'))!;

describe('file://', () => {
  test('keeps one model in a folder, whose other files it does not touch', async () => {
    await writeFile(join(folder, 'labels.json'), '[]');
    await saveModel(modelOf(1), `file://${folder}`);
    await saveModel(modelOf(2), `file://${folder}`);
    const files = (await readdir(folder)).sort();
    expect(files).toEqual(['labels.json', 'model.json', expect.stringMatching(/^weights-[0-9a-f]{16}\.bin$/)]);
    await expectClose(outputOf(await loadModel(`file://${folder}`)), [[6, 6]]);
  });

  test('makes folders, and takes relative paths and the path of model.json', async () => {
    const inner = join(folder, 'a', 'b');
    await saveModel(modelOf(2), `file://${relative(process.cwd(), inner)}`);
    await expectClose(outputOf(await loadModel(`file://${join(inner, 'model.json')}`)), [[6, 6]]);
  });

  test('works without process.getBuiltinModule, before Node 20.16', async () => {
    const {getBuiltinModule} = process;
    Object.assign(process, {getBuiltinModule: undefined});
    try {
      await saveModel(modelOf(1), `file://${folder}`);
      await expectClose(outputOf(await loadModel(`file://${folder}`)), [[3, 3]]);
    } finally {
      Object.assign(process, {getBuiltinModule});
    }
  });

  test('serves model.save and loadLayersModel of tfjs', async () => {
    await modelOf(2).save(fileSystem(folder));
    await expectClose(outputOf(await loadLayersModel(fileSystem(folder))), [[6, 6]]);
  });

  test('a save that fails leaves the last one, and no drafts', async () => {
    await saveModel(modelOf(1), `file://${folder}`);
    const before = (await readdir(folder)).sort();
    const artifacts = await fileSystem(folder).load!();
    const unwritable = {...artifacts, weightData: new ArrayBuffer(32), modelTopology: {layers: 1n as never}};
    await expect(fileSystem(folder).save!(unwritable)).rejects.toThrow('BigInt');
    await expectClose(outputOf(await loadModel(`file://${folder}`)), [[3, 3]]);
    expect((await readdir(folder)).sort()).toEqual(before);
  });

  test('saves that overlap leave one that is whole', async () => {
    await Promise.all([1, 2, 3, 4].map(value => saveModel(modelOf(value), `file://${folder}`)));
    const [[value]] = (await outputOf(await loadModel(`file://${folder}`)).array()) as number[][];
    expect([3, 6, 9, 12]).toContain(value);
  });

  test('refuses weights that were changed', async () => {
    await saveModel(modelOf(1), `file://${folder}`);
    const file = join(folder, await weightsFile());
    const bytes = await readFile(file);
    bytes[5] ^= 1;
    await writeFile(file, bytes);
    await expect(loadModel(`file://${folder}`)).rejects.toThrow(
      /expected weights-.*\.bin to have the hash in its name/,
    );
  });

  test('names what is missing or no JSON', async () => {
    await expect(loadModel(`file://${folder}`)).rejects.toThrow(
      `received "${folder}/model.json". There is no such file.`,
    );
    await writeFile(join(folder, 'model.json'), '{"modelTopology": {');
    await expect(loadModel(`file://${folder}`)).rejects.toThrow(`expected ${folder}/model.json to be JSON`);
    await saveModel(modelOf(1), `file://${folder}`);
    await rm(join(folder, await weightsFile()));
    await expect(loadModel(`file://${folder}`)).rejects.toThrow('There is no such file.');
    expect(() => fileSystem('')).toThrow('fileSystem: expected the path of a folder, received "".');
  });
});
