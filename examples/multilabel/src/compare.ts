import {CONTESTANTS, type Contestant} from './contestants.js';
import {type Documents, type Splits, TAGS} from './data/documents.js';
import {type Budget, meanOutcome, type Outcome, train} from './training/train.js';

export interface Result extends Outcome {
  contestant: Contestant;
  /** The best of those tried. */
  learningRate: number;
}

/** Receives the news of a long run. */
export interface Progress {
  begin(title: string, total: number): void;
  step(): void;
  end(): void;
}

/** Trains with every loss from each learning rate, and keeps the rate whose best F1 on the validation is largest. */
export async function compare(
  splits: Splits,
  budget: Budget,
  {rates, seeds}: {rates: readonly number[]; seeds: number},
  progress: Progress,
): Promise<Result[]> {
  const results: Result[] = [];
  for (const contestant of CONTESTANTS) {
    progress.begin(contestant.name, rates.length * seeds);
    const trials: Result[] = [];
    for (const learningRate of rates) {
      const outcomes: Outcome[] = [];
      for (let seed = 1; seed <= seeds; seed++) {
        outcomes.push(await train(splits, contestant, learningRate, budget, seed));
        progress.step();
      }
      trials.push({contestant, learningRate, ...meanOutcome(outcomes)});
    }
    progress.end();
    results.push(trials.reduce((a, b) => (b.validation > a.validation ? b : a)));
  }
  return results;
}

/** Documents that have each tag. */
export function documentsOfTags({labels}: Documents): number[] {
  const counts = new Array<number>(TAGS).fill(0);
  for (const [i, label] of labels.entries()) counts[i % TAGS] += label;
  return counts;
}

/** Tags whose number of training documents is within a factor of 2, from the rarest on. */
export interface Group {
  tags: number[];
  fewest: number;
  most: number;
}

export function groupTags(counts: readonly number[]): Group[] {
  const octaves = new Map<number, number[]>();
  for (const [tag, count] of counts.entries()) {
    const octave = Math.floor(Math.log2(Math.max(count, 1)));
    octaves.set(octave, [...(octaves.get(octave) ?? []), tag]);
  }
  return [...octaves.entries()]
    .sort(([a], [b]) => a - b)
    .map(([, tags]) => {
      const own = tags.map(tag => counts[tag]);
      return {tags, fewest: Math.min(...own), most: Math.max(...own)};
    });
}
