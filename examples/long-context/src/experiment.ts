import {ATTENTIONS, type AttentionName} from './model/attentions.js';
import type {Sizes} from './model/block.js';
import {buildModel} from './model/build_model.js';
import type {Result} from './results.js';
import {measureCosts} from './scaling/measure.js';
import type {BackendName} from './start_backend.js';
import type {Corpus} from './text/corpus.js';
import {testLengths} from './training/test_lengths.js';
import {type Budget, train} from './training/train.js';

export interface Experiment {
  backend: BackendName;
  attentions: readonly AttentionName[];
  sizes: Sizes;
  budget: Budget;
  /** Lengths of the windows that the trained models are tested on. */
  testLengths: readonly number[];
  /** Characters of held-out text in each test. */
  testCharacters: number;
  /** Lengths whose cost is measured, ascending. */
  costLengths: readonly number[];
  /** A training step that takes longer than so many seconds is given up, and so are longer ones. */
  patience: number;
}

/** Told what is done: `total` steps begin, each is counted, with a word on where it stands. */
export interface Progress {
  begin(title: string, total: number): void;
  step(note: string): void;
  end(): void;
}

/** Trains and tests each kind of attention under the same budget, then measures what a training step costs. */
export async function runExperiment(experiment: Experiment, corpus: Corpus, progress: Progress): Promise<Result[]> {
  const {attentions, sizes, budget, backend, costLengths, patience} = experiment;
  const results: Result[] = [];
  for (const attention of attentions) {
    const model = buildModel(attention, sizes, budget.seed);
    progress.begin(`train ${attention}`, budget.steps + experiment.testLengths.length);
    const curve = await train(model, corpus, budget, bits => progress.step(`${bits.toFixed(2)} bits/character`));
    const tests = await testLengths(model, corpus.heldOut, experiment.testCharacters, experiment.testLengths, () =>
      progress.step('testing other lengths'),
    );
    progress.end();
    results.push({attention, parameters: model.countParams(), curve, tests, costs: []});
    model.dispose();
  }
  for (const result of results.filter(() => costLengths.length > 0)) {
    const {attention} = result;
    progress.begin(`measure ${attention}`, costLengths.length);
    const request = {backend, attention, sizes, lengths: [...costLengths], seed: budget.seed};
    result.costs = await measureCosts(request, patience, ({length}) => progress.step(`${length} characters`));
    progress.end();
  }
  return results;
}

/** Quadratic attentions first, in their order of declaration. */
export const inOrder = (names: readonly AttentionName[]): AttentionName[] =>
  (Object.keys(ATTENTIONS) as AttentionName[]).filter(name => names.includes(name));
