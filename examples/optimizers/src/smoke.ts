/** `npm run smoke`: fails unless the adaptive optimizers recover from poor learning rates where stock ones do not. */
import assert from 'node:assert/strict';

import {compare} from './compare.js';
import {drawComparison} from './report/charts.js';
import {page} from './report/page.js';
import {startBackend} from './start_backend.js';
import {valley} from './tasks/valley.js';

/** Excess of the loss over the best one, against that of the stock optimizer at the same rate. */
const LARGEST_SHARE = 0.5;

await startBackend('cpu');
const comparison = await compare(valley(), 200, 1, () => {});
const final = (name: string, start: string): number =>
  comparison.results.find(result => result.contestant.name === name && result.start.name === start)!.final ?? Infinity;
const best = Math.min(...comparison.results.map(result => result.final ?? Infinity));
for (const [adaptive, stock] of [
  ['egStepSize', 'momentum'],
  ['adaptStepSize(adam)', 'adam'],
]) {
  for (const start of ['too small', 'too large']) {
    const [ours, theirs] = [final(adaptive, start) - best, final(stock, start) - best];
    assert(
      ours < LARGEST_SHARE * theirs,
      `${adaptive} from a rate ${start}: ${ours} above the best, ${stock} ${theirs}`,
    );
  }
}
assert(
  page([{comparison, charts: await drawComparison(comparison)}], {steps: 200, seeds: 1, backend: 'cpu'}).includes(
    '<svg',
  ),
);
