import type {Contestant} from './contestants.js';
import type {Splits} from './data/sentences.js';
import {Vocabulary} from './data/vocabulary.js';
import {buildModels, type Sizes} from './model/build_model.js';
import {type Neighbour, nearestNeighbours, recallAt} from './training/neighbours.js';
import {type Budget, train} from './training/train.js';

/** k of recall@k. */
export const RANKS = [1, 3, 10] as const;

export interface Result {
  contestant: Contestant;
  /** Recall@k of the test, in the order of `RANKS`: means over the seeds. */
  recall: number[];
  /** Of the first seed, for each sentence of the test. */
  neighbours: Neighbour[][];
}

/** Receives the news of a long run. */
export interface Progress {
  begin(title: string, total: number): void;
  step(note: string): void;
  end(): void;
}

/** Trains an encoder with each head and looks for the neighbours of sentences whose meanings it has never seen. */
export async function sweep(
  contestants: readonly Contestant[],
  {train: sentences, test, meanings}: Splits,
  {sizes, budget, seeds}: {sizes: Sizes; budget: Budget; seeds: number},
  progress: Progress,
): Promise<Result[]> {
  const vocabulary = new Vocabulary(sentences);
  const results: Result[] = [];
  for (const contestant of contestants) {
    progress.begin(contestant.name, budget.steps * seeds);
    const runs: Omit<Result, 'contestant'>[] = [];
    for (let seed = 1; seed <= seeds; seed++) {
      const {encoder, classifier} = buildModels(vocabulary.size, contestant.head(meanings, seed), sizes, seed);
      const onStep = (loss: number) => progress.step(`loss ${loss.toPrecision(3)}`);
      await train(classifier, contestant.loss, sentences, vocabulary, budget, seed, onStep);
      const neighbours = await nearestNeighbours(encoder, test, vocabulary, Math.max(...RANKS));
      runs.push({recall: RANKS.map(k => recallAt(k, neighbours, test)), neighbours});
      classifier.dispose(); // and with it the layers of the encoder
    }
    progress.end();
    const recall = RANKS.map((_, i) => runs.reduce((sum, run) => sum + run.recall[i], 0) / seeds);
    results.push({contestant, recall, neighbours: runs[0].neighbours});
  }
  return results;
}

/** The result with the largest recall@1. */
export const bestOf = (results: readonly Result[]): Result =>
  results.reduce((a, b) => (b.recall[0] > a.recall[0] ? b : a));
