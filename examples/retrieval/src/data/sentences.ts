import {ACTIONS, ENDINGS, OBJECTS, OPENINGS, TIMES} from './phrases.js';
import {Random} from './random.js';

export interface Sentence {
  text: string;
  /** Number of what it asks for: the same for sentences that ask for the same. */
  meaning: number;
}

export interface Splits {
  train: Sentence[];
  /** Sentences of meanings that are not in `train`. */
  test: Sentence[];
  /** Meanings of `train`, numbered 0 … meanings − 1. */
  meanings: number;
}

/** One meaning in so many is held out. */
const HELD_OUT = 4;

/**
 * Requests to a travel desk. A meaning is an action, an object and a time; a sentence says each in one of four ways,
 * in one of two orders, between an opening and an ending that mean nothing. Each word of the test is in the training,
 * but no meaning is.
 */
export function makeSentences(perMeaning: number, seed = 1): Splits {
  const random = new Random(seed);
  const say = (action: number, object: number, time: number): string => {
    const request = `${random.choose(ACTIONS[action])} ${random.choose(OBJECTS[object])}`;
    const when = random.choose(TIMES[time]);
    const opening = random.choose(OPENINGS);
    const parts = random.next() < 0.5 ? [opening, request, when] : [when, opening, request];
    return [...parts, random.choose(ENDINGS)].join(' ').trim();
  };
  const splits: Splits = {train: [], test: [], meanings: 0};
  let heldOut = 0;
  for (const number of random.order(ACTIONS.length * OBJECTS.length * TIMES.length)) {
    const isHeldOut = (splits.meanings + heldOut) % HELD_OUT === 0;
    const meaning = isHeldOut ? heldOut++ : splits.meanings++;
    const [action, rest] = [number % ACTIONS.length, Math.floor(number / ACTIONS.length)];
    const [object, time] = [rest % OBJECTS.length, Math.floor(rest / OBJECTS.length)];
    for (let i = 0; i < perMeaning; i++) {
      splits[isHeldOut ? 'test' : 'train'].push({text: say(action, object, time), meaning});
    }
  }
  return splits;
}
