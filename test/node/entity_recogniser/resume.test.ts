import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

import {afterEach, beforeEach, describe, expect, jest, test} from '@jest/globals';

import {newRecogniser} from '../../../examples/entity-recogniser/src/commands/new_recogniser.js';
import {hasCheckpoint, loadCheckpoint} from '../../../examples/entity-recogniser/src/files/checkpoint.js';
import {loadRecogniser} from '../../../examples/entity-recogniser/src/files/recogniser_files.js';
import {generate} from '../../../examples/entity-recogniser/src/generate/generate.js';
import {PRESETS} from '../../../examples/entity-recogniser/src/presets.js';
import type {Run} from '../../../examples/entity-recogniser/src/settings.js';
import {withAveragedWeights} from '../../../examples/entity-recogniser/src/training/optimizer.js';
import {startOf} from '../../../examples/entity-recogniser/src/training/progress.js';
import {modelDirectory, type TrainingListener, train} from '../../../examples/entity-recogniser/src/training/train.js';
import {BACKEND} from '../../support/backend.js';
import {expectClose} from '../../support/expect.js';

const data = generate({seed: 5, train: 12, dev: 4, test: 4});
const silent: TrainingListener = {epochStarts: () => {}, stepEnds: () => {}, epochEnds: () => {}};

jest.setTimeout(240_000);

describe('a run of the entity recogniser', () => {
  let out: string;
  beforeEach(() => {
    out = mkdtempSync(join(tmpdir(), 'recogniser-'));
  });
  afterEach(() => rmSync(out, {recursive: true}));

  const settings: Omit<Run, 'out' | 'command'> = {
    ...PRESETS.smoke,
    epochs: 2,
    batchSize: 4,
    units: 8,
    keySize: 4,
    headSize: 4,
    dropout: 0.3,
    forget: 0.5,
    average: 0.9,
    clip: 5,
    features: ['character', 'bigramBefore', 'bigram'],
    concatenate: true,
    tagWeight: 1,
    adversarial: 0.1,
    hideTokens: 0.1,
    hideContext: 0.1,
  };
  const start = (folder: string): Run => ({...settings, out: join(out, folder), command: ''});
  const stopAfter = (steps: number) => () => --steps < 0;

  test('that is stopped in an epoch and resumed ends with the numbers of one that is not', async () => {
    const whole = newRecogniser(start('whole'), data);
    const wholeProgress = startOf(start('whole'), '');
    expect(await train(whole, data, wholeProgress, silent, () => false)).toBe(true);

    const run = start('parts');
    expect(await train(newRecogniser(run, data), data, startOf(run, ''), silent, stopAfter(2))).toBe(false);
    expect(hasCheckpoint(run.out)).toBe(true);
    const {recogniser, progress} = await loadCheckpoint(run.out);
    expect([progress.epoch, progress.step]).not.toEqual([0, 0]);
    expect(await train(recogniser, data, progress, silent, () => false)).toBe(true);

    const losses = (history: typeof progress.history) => history.map(({loss, f1}) => [loss, f1]);
    expect(losses(progress.history)).toHaveLength(2);
    if (BACKEND !== 'webgpu') expect(losses(progress.history)).toEqual(losses(wholeProgress.history));
    for (const [i, weight] of recogniser.trainingModel.getWeights().entries()) {
      await expectClose(weight, await whole.trainingModel.getWeights()[i].array());
    }
  });

  test('keeps a model that gives the same spans after loading', async () => {
    const run = {...start('model'), epochs: 1};
    const trained = newRecogniser(run, data);
    await train(trained, data, startOf(run, ''), silent, () => false);
    const {recogniser} = await loadRecogniser(modelDirectory(run.out));
    expect(recogniser.trainingModel.outputs).toHaveLength(1);
    await withAveragedWeights(trained.trainingModel, async () => {
      expect(await recogniser.find(data.dev)).toEqual(await trained.find(data.dev));
      expect(await recogniser.spanScores(data.dev[0])).toEqual(await trained.spanScores(data.dev[0]));
    });
  });

  test('says what is missing where no model was saved', async () => {
    await expect(loadRecogniser(join(out, 'none'))).rejects.toThrow('none holds no saved recogniser');
  });
});

test('sentences of other lengths in the batch do not change what is found', async () => {
  const recogniser = newRecogniser({...PRESETS.smoke, units: 8, layers: 2, out: '', command: ''}, data);
  const {model, encoder} = recogniser;
  const {featureTensors} = await import('../../../examples/entity-recogniser/src/text/batch_tensors.js');
  const encoded = [encoder.encode(data.train[0])];
  const {length} = encoded[0];
  const [tight, loose] = [length, length + 5].map(padded =>
    model.predictOnBatch(featureTensors(encoded, {indices: [0], length: padded}, encoder.features)),
  );
  const {slice} = await import('@tensorflow/tfjs-core');
  await expectClose(slice(loose as never, [0, 0, 0, 0], [1, data.types.length, length, length]), tight as never);
});
