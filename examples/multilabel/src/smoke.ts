/** `npm run smoke`: fails unless every loss learns, and the multi-label softmax finds more of the rare tags above 0. */
import assert from 'node:assert/strict';

import {compare, documentsOfTags, groupTags} from './compare.js';
import {makeDocuments} from './data/documents.js';
import {drawResults} from './report/charts.js';
import {page} from './report/page.js';
import {startBackend} from './start_backend.js';
import {mean} from './training/f1.js';

/** F1 over all tags. */
const LEAST_F1 = 0.3;
/** Training documents with a tag that is called rare. */
const RARE = 40;

await startBackend('wasm');
const splits = makeDocuments(1000);
const counts = documentsOfTags(splits.train);
const groups = groupTags(counts);
const nothing = {begin() {}, step() {}, end() {}};
const results = await compare(splits, {epochs: 12, batch: 32, units: 64}, {rates: [0.003], seeds: 1}, nothing);
const rareF1 = results.map(({atZero}) => mean(atZero.filter((_, tag) => counts[tag] < RARE)));
for (const {contestant, atBest} of results) {
  assert(mean(atBest) > LEAST_F1, `${contestant.name}: F1 ${mean(atBest)} at the best threshold`);
}
const softmax = rareF1.pop()!;
assert(softmax > Math.max(...rareF1), `rare tags: F1 ${softmax} by the multi-label softmax, ${rareF1} by the others`);
assert(page(results, groups, await drawResults(results, counts, groups), '').includes('<svg'));
process.exit();
