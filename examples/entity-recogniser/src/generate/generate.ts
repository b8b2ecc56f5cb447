import {bySpanOrder, type Dataset, makeDataset, type Sentence} from '../data/sentence.js';
import {Random} from '../random.js';
import {DRAWN, expand, parseGrammar, type Rules} from './expand.js';
import {GRAMMAR} from './grammar.js';
import {type NamePool, splitNames} from './names.js';

export interface GenerateOptions {
  seed: number;
  /** Number of sentences. */
  train: number;
  dev: number;
  test: number;
}

const ALL_LOWER = 0.06;
const ALL_UPPER = 0.04;

/**
 * Makes labelled English: six types of entities, one inside another, with shared heads ("North and South Thornbury"),
 * names whose type only the context tells, and capitalised words that name nothing. No name of dev or test occurs in
 * train, and no sentence twice.
 */
export function generate({seed, train, dev, test}: GenerateOptions): Dataset {
  const rules = parseGrammar(GRAMMAR, Object.keys(DRAWN));
  const names = splitNames(new Random(seed, 0));
  const seen = new Set<string>();
  return makeDataset({
    train: sentences(rules, names.train, train, new Random(seed, 1), seen),
    dev: sentences(rules, names.dev, dev, new Random(seed, 2), seen),
    test: sentences(rules, names.test, test, new Random(seed, 3), seen),
  });
}

function sentences(rules: Rules, names: NamePool, count: number, random: Random, seen: Set<string>): Sentence[] {
  const made: Sentence[] = [];
  while (made.length < count) {
    const {tokens, spans} = expand(rules, 'sentence', random, names);
    const text = tokens.join(' ');
    if (seen.has(text)) continue;
    seen.add(text);
    made.push({tokens: setCase(tokens, random), spans: [...spans].sort(bySpanOrder)});
  }
  return made;
}

/** Mostly a capital at the beginning; at times a line without capitals or a headline of nothing else. */
function setCase(tokens: readonly string[], random: Random): string[] {
  const draw = random.next();
  if (draw < ALL_LOWER) return tokens.map(token => token.toLowerCase());
  if (draw < ALL_LOWER + ALL_UPPER) return tokens.map(token => token.toUpperCase());
  const first = tokens[0] === '“' ? 1 : 0;
  return tokens.map((token, i) => (i === first ? token[0].toUpperCase() + token.slice(1) : token));
}
