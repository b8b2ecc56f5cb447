import {describe, expect, test} from '@jest/globals';

import {bySpanOrder, type Sentence} from '../../../examples/entity-recogniser/src/data/sentence.js';
import {expand, parseGrammar} from '../../../examples/entity-recogniser/src/generate/expand.js';
import {generate} from '../../../examples/entity-recogniser/src/generate/generate.js';
import {splitNames} from '../../../examples/entity-recogniser/src/generate/names.js';
import {Random} from '../../../examples/entity-recogniser/src/random.js';

const OPTIONS = {seed: 3, train: 1500, dev: 300, test: 300};
const data = generate(OPTIONS);
const isInside = (a: {start: number; end: number}, b: {start: number; end: number}) =>
  a !== b && b.start <= a.start && a.end <= b.end;

describe('generate', () => {
  test('the same seed makes the same text, another seed another', () => {
    expect(generate(OPTIONS)).toEqual(data);
    expect(generate({...OPTIONS, seed: 4}).test).not.toEqual(data.test);
  });

  test('has the sizes asked for, several types, and spans inside their sentence and in order', () => {
    expect([data.train.length, data.dev.length, data.test!.length]).toEqual([1500, 300, 300]);
    expect(data.types).toEqual(['date', 'event', 'organisation', 'person', 'place', 'product']);
    for (const {tokens, spans} of data.train) {
      for (const {start, end} of spans) expect(0 <= start && start <= end && end < tokens.length).toBe(true);
      expect(spans).toEqual([...spans].sort(bySpanOrder));
    }
  });

  test('no name of dev or test occurs in a name of train', () => {
    const pools = splitNames(new Random(OPTIONS.seed, 0));
    const unseen = new Set(
      [pools.dev, pools.test].flatMap(({stem, given, productName}) => [stem, given, productName].flat()),
    );
    const named = nameTokens(data.train);
    expect([...unseen].filter(name => named.has(name.toLowerCase()))).toEqual([]);
    expect(unseen.size).toBeGreaterThan(200);
  });

  test('no sentence occurs twice', () => {
    const texts = [data.train, data.dev, data.test!].flat().map(({tokens}) => tokens.join(' ').toLowerCase());
    expect(new Set(texts).size).toBeGreaterThan(0.999 * texts.length);
  });

  test('entities lie inside entities, also of their own type', () => {
    const nested = data.train.flatMap(({spans}) => spans.filter(a => spans.some(b => isInside(a, b))));
    const all = data.train.flatMap(({spans}) => spans);
    expect(nested.length / all.length).toBeGreaterThan(0.2);
    const sameType = data.train.some(({spans}) =>
      spans.some(a => spans.some(b => isInside(a, b) && a.type === b.type)),
    );
    expect(sameType).toBe(true);
  });

  test('one name is a person, a place and an organisation, and its parts are ordinary words elsewhere', () => {
    const typesOf = new Map<string, Set<string>>();
    for (const {tokens, spans} of data.train) {
      for (const {type, start, end} of spans) {
        if (start === end) typesOf.set(tokens[start], (typesOf.get(tokens[start]) ?? new Set()).add(type));
      }
    }
    expect([...typesOf.values()].filter(types => types.size >= 3).length).toBeGreaterThan(20);
    const outside = new Set(
      data.train.flatMap(({tokens, spans}) => tokens.filter((_, i) => !spans.some(s => s.start <= i && i <= s.end))),
    );
    for (const word of ['march', 'rose', 'grace', 'bank']) expect(outside).toContain(word);
  });
});

describe('expand', () => {
  const names = {stem: ['Ashby'], given: ['Ida'], productName: ['Ember']};

  test('brackets become spans, alternatives one word', () => {
    const rules = parseGrammar({start: '1 [organisation University of [place {stem}]] fell|fell .'}, ['stem']);
    expect(expand(rules, 'start', drawing(), names)).toEqual({
      tokens: ['University', 'of', 'Ashby', 'fell', '.'],
      spans: [
        {type: 'place', start: 2, end: 2},
        {type: 'organisation', start: 0, end: 2},
      ],
    });
  });

  test('a rule that nothing defines is an error', () => {
    expect(() => parseGrammar({start: '1 the {thing}'}, [])).toThrow('start uses {thing}, which nothing defines');
  });

  const drawing = () => new Random(1);
});

/** The tokens of all names; months are no names ("May" the month is not "May" the person). */
function nameTokens(sentences: readonly Sentence[]): Set<string> {
  const named = sentences.flatMap(({tokens, spans}) => {
    const inDate = new Set(spans.filter(({type}) => type === 'date').flatMap(({start, end}) => range(start, end)));
    const inName = spans.flatMap(({start, end}) => range(start, end)).filter(i => !inDate.has(i));
    return inName.map(i => tokens[i]);
  });
  return new Set(named.map(token => token.toLowerCase()));
}

const range = (start: number, end: number): number[] => Array.from({length: end - start + 1}, (_, i) => start + i);
