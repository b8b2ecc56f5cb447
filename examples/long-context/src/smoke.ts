/** `npm run smoke`: fails unless every attention learns, forgets nothing at another length, and keeps its cost. */
import assert from 'node:assert/strict';

import {type Experiment, runExperiment} from './experiment.js';
import {ATTENTION_NAMES} from './model/attentions.js';
import {drawResults} from './report/charts.js';
import {page} from './report/page.js';
import {startBackend} from './start_backend.js';
import {loadCorpus} from './text/corpus.js';

/** Bits that training has to save. A model that knows nothing needs log₂ 96 = 6.58. */
const LEAST_GAIN = 2;
/** Growth of the memory when the length grows fourfold. */
const LINEAR_GROWTH = 4.2;

const experiment: Experiment = {
  backend: 'wasm',
  attentions: ATTENTION_NAMES,
  sizes: {width: 32, heads: 2, blocks: 1},
  budget: {steps: 30, batch: 2, length: 64, learningRate: 0.02, seed: 1},
  testLengths: [64, 128],
  testCharacters: 1024,
  costLengths: [256, 1024],
  patience: 60,
};

await startBackend('wasm');
const nothing = {begin() {}, step() {}, end() {}};
const corpus = loadCorpus();
assert(corpus.train.length > 5e5 && corpus.heldOut.length > 5e4, 'the text is not what it was');
const results = await runExperiment(experiment, corpus, nothing);
for (const {attention, curve, tests, costs} of results) {
  const [first, last] = [curve.points[0].bits, curve.points.at(-1)!.bits];
  assert(last < first - LEAST_GAIN, `${attention}: from ${first} to ${last} bits per character`);
  assert(
    tests.every(({bits}) => bits < first - 1),
    `${attention}: ${tests.map(({bits}) => bits)} bits at other lengths`,
  );
  assert.deepEqual(
    costs.map(({length}) => length),
    experiment.costLengths,
  );
  const growth = costs[1].tensorBytes / costs[0].tensorBytes;
  assert(growth < LINEAR_GROWTH, `${attention}: memory grows ${growth} times`);
}
assert(page(results, await drawResults(results, 64), experiment, '').includes('<svg'));
process.exit();
