import type {Sentence, Span} from '../data/sentence.js';
import type {Random} from '../random.js';
import type {NamePool} from './names.js';

/** The ways to write each rule of a grammar, in pieces. */
export type Rules = ReadonlyMap<string, {weights: number[]; ways: string[][]}>;

/**
 * Reads the text form of a grammar (see grammar.ts); `drawn` are the rules that are not in it. Throws on a rule that
 * nothing defines.
 */
export function parseGrammar(grammar: Record<string, string>, drawn: readonly string[]): Rules {
  const rules = new Map(
    Object.entries(grammar).map(([name, text]) => {
      const lines = text.trim().split('\n');
      const parsed = lines.map(line => /^\s*(\d+) (.*)$/.exec(line)!);
      const ways = parsed.map(([, , way]) => way.match(/\[\w+|\]|\{\w+\}|[^\s[\]]+/g)!);
      return [name, {weights: parsed.map(([, weight]) => Number(weight)), ways}];
    }),
  );
  for (const [name, {ways}] of rules) {
    for (const piece of ways.flat()) {
      const rule = /^\{(\w+)\}$/.exec(piece)?.[1];
      if (rule && !rules.has(rule) && !drawn.includes(rule))
        throw new Error(`${name} uses ${piece}, which nothing defines`);
    }
  }
  return rules;
}

/** Draws the rules that are not in the grammar. */
export const DRAWN: Record<string, (random: Random, names: NamePool) => string> = {
  stem: (random, names) => random.pick(names.stem),
  given: (random, names) => random.pick(names.given),
  productName: (random, names) => random.pick(names.productName),
  commonName: (random, names) => random.pick(names.productName).toLowerCase(),
  number: random => String(2 + random.integer(998)),
  age: random => String(18 + random.integer(80)),
  year: random => String(1890 + random.integer(140)),
  day: random => String(1 + random.integer(28)),
  initial: random => `${String.fromCharCode(65 + random.integer(26))}.`,
  model: random =>
    random.pick([
      String(2 + random.integer(8)),
      `${random.pick(['X', 'S', 'Z'])}${10 * (1 + random.integer(9))}`,
      'Pro',
    ]),
};

/** One sentence from the rule `start`, with the spans that its brackets mark. */
export function expand(rules: Rules, start: string, random: Random, names: NamePool): Sentence {
  const tokens: string[] = [];
  const spans: Span[] = [];
  const write = (rule: string): void => {
    const found = rules.get(rule);
    if (!found) {
      tokens.push(DRAWN[rule](random, names));
      return;
    }
    const open: Span[] = [];
    for (const piece of found.ways[random.pickWeighted(found.weights)]) {
      if (piece.startsWith('{')) write(piece.slice(1, -1));
      else if (piece.startsWith('[')) open.push({type: piece.slice(1), start: tokens.length, end: -1});
      else if (piece === ']') spans.push({...open.pop()!, end: tokens.length - 1});
      else tokens.push(random.pick(piece.split('|')));
    }
  };
  write(start);
  return {tokens, spans};
}
