/** `npm run smoke`: fails unless encoders retrieve what they were not trained on, and cosines better than products. */
import assert from 'node:assert/strict';

import {makeContestants} from './contestants.js';
import {makeSentences} from './data/sentences.js';
import {drawSweep} from './report/charts.js';
import {page} from './report/page.js';
import {startBackend} from './start_backend.js';
import {sweep} from './sweep.js';

/** Share of the queries. Chance finds one of the same meaning in one of 200. */
const LEAST_RECALL_AT_10 = 0.7;

await startBackend('wasm');
const splits = makeSentences(4);
const known = new Set(splits.train.flatMap(({text}) => text.split(' ')));
assert(splits.test.every(({text}) => text.split(' ').every(word => known.has(word))));
const nothing = {begin() {}, step() {}, end() {}};
const settings = {sizes: {width: 32, blocks: 1}, budget: {steps: 300, batch: 64, learningRate: 0.006}, seeds: 1};
const results = await sweep(makeContestants([0.2], 10), splits, settings, nothing);
for (const {contestant, recall} of results) {
  assert(recall[2] >= recall[1] && recall[1] >= recall[0], `${contestant.name}: recall falls with k: ${recall}`);
}
const [products, ...cosines] = results;
for (const {contestant, recall} of cosines) {
  assert(recall[2] > LEAST_RECALL_AT_10, `${contestant.name}: recall@10 ${recall[2]}`);
  assert(
    recall[0] > products.recall[0],
    `${contestant.name}: recall@1 ${recall[0]}, of products ${products.recall[0]}`,
  );
}
const report = page(results, splits.test, await drawSweep(results), '');
assert(report.includes('<svg') && report.includes('class="right"'));
process.exit();
