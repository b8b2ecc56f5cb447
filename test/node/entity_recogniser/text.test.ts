import {describe, expect, test} from '@jest/globals';

import {joinTokens, tokenise} from '../../../examples/entity-recogniser/src/data/tokenise.js';
import {Random} from '../../../examples/entity-recogniser/src/random.js';
import {spanRows} from '../../../examples/entity-recogniser/src/report/span_rows.js';
import {taggedHtml} from '../../../examples/entity-recogniser/src/report/tagged_html.js';
import {score} from '../../../examples/entity-recogniser/src/scores.js';
import {scoreTable} from '../../../examples/entity-recogniser/src/terminal/score_table.js';
import {makeBatches, paddedLength} from '../../../examples/entity-recogniser/src/text/batches.js';
import {Encoder} from '../../../examples/entity-recogniser/src/text/encoder.js';
import {FEATURES} from '../../../examples/entity-recogniser/src/text/features.js';
import {UNKNOWN, Vocabulary} from '../../../examples/entity-recogniser/src/text/vocabulary.js';

describe('tokenise', () => {
  test.each([
    ["Anna's bank, the U.S. one, paid 3,500.5!", "Anna's|bank|,|the|U|.|S|.|one|,|paid|3,500.5|!"],
    ['北京 2008 Olympics', '北|京|2008|Olympics'],
    ['naïve cafe\u0301', 'naïve|cafe\u0301'],
  ])('words of %j', (text, tokens) => {
    expect(
      tokenise(text, 'words')
        .map(token => token.text)
        .join('|'),
    ).toBe(tokens);
  });

  test('characters, counted in code points', () => {
    expect(tokenise('😀 好a', 'characters')).toEqual([
      {text: '😀', start: 0, end: 1},
      {text: '好', start: 2, end: 3},
      {text: 'a', start: 3, end: 4},
    ]);
  });

  test('joinTokens puts spaces where English has them', () => {
    expect(joinTokens(['“', 'Well', ',', '”', 'said', '(', 'old', ')', 'Ida', '.'], 'words')).toBe(
      '“Well,” said (old) Ida.',
    );
    expect(joinTokens(['北', '京'], 'characters')).toBe('北京');
  });
});

describe('features', () => {
  test('shape keeps capitals, digits and signs, and shortens runs', () => {
    const shape = (word: string) => FEATURES.shape([word], 0);
    expect(['Thornbury', 'USA', 'X30', 'iPhone', '1998', '&', '北'].map(shape)).toEqual([
      'Xxx',
      'XX',
      'Xdd',
      'xXxx',
      'dd',
      '&',
      'c',
    ]);
  });

  test('bigrams mark the edges of the sentence, and digits are one', () => {
    expect(FEATURES.bigram(['7', '月'], 0)).toBe('0 月');
    expect(FEATURES.bigram(['7', '月'], 1)).toBe('月 ⟨edge⟩');
    expect(FEATURES.bigramBefore(['7', '月'], 0)).toBe('⟨edge⟩ 0');
  });
});

describe('Vocabulary', () => {
  const vocabulary = Vocabulary.of(['b', 'a', 'b', 'c', 'b', 'a'], 2);

  test('numbers the frequent values first and does not know the rare', () => {
    expect(vocabulary.size).toBe(4);
    expect(['b', 'a', 'c'].map(value => vocabulary.numberOf(value))).toEqual([2, 3, UNKNOWN]);
  });

  test('forgets a value that was seen n times with probability α / (α + n)', () => {
    const random = new Random(1);
    const forgotten = Array.from({length: 4000}, () => vocabulary.forget(2, 1, random)).filter(n => n === UNKNOWN);
    expect(Math.abs(forgotten.length / 4000 - 1 / 4)).toBeLessThan(0.03);
    expect(vocabulary.forget(0, 1e9, random)).toBe(0);
  });
});

test('Encoder survives JSON', () => {
  const sentence = {tokens: ['Ida', 'left', 'Ashby'], spans: [{type: 'place', start: 2, end: 2}]};
  const dataset = {train: [sentence], dev: [], types: ['person', 'place'], tokenKind: 'words' as const};
  const encoder = Encoder.of(dataset, {features: ['word', 'shape'], minCount: 1});
  const again = Encoder.fromJSON(JSON.parse(JSON.stringify(encoder)));
  expect(again.encode(sentence)).toEqual(encoder.encode(sentence));
  expect(again.encode(sentence).spans).toEqual([{head: 1, start: 2, end: 2}]);
});

describe('makeBatches', () => {
  const sentences = [3, 20, 8, 9, 2, 30].map(length => ({features: [], spans: [], length}));

  test('puts sentences of like length together, each once', () => {
    expect([1, 8, 9, 13, 17, 25, 33, 100].map(paddedLength)).toEqual([8, 8, 12, 16, 24, 32, 48, 128]);
    expect(makeBatches(sentences, 2)).toEqual([
      {length: 8, indices: [0, 2]},
      {length: 8, indices: [4]},
      {length: 12, indices: [3]},
      {length: 24, indices: [1]},
      {length: 32, indices: [5]},
    ]);
  });

  test('a seed gives one order, another epoch another', () => {
    const order = (epoch: number) => makeBatches(sentences, 2, new Random(1, epoch));
    expect(order(1)).toEqual(order(1));
    expect(order(1)).not.toEqual(order(2));
  });
});

describe('score', () => {
  const span = (type: string, start: number, end: number) => ({type, start, end});
  const labelled = [[span('a', 0, 1), span('b', 0, 0)], [span('a', 2, 3), span('a', 2, 3)], []];
  const predicted = [[span('a', 0, 1)], [span('a', 2, 2), span('b', 2, 3)], []];

  test('sums over the text before dividing; a span counts once', () => {
    const {all, byType} = score(labelled, predicted, ['a', 'b', 'c']);
    expect(all).toMatchObject({right: 1, predicted: 3, labelled: 3, precision: 1 / 3, recall: 1 / 3, f1: 1 / 3});
    expect(byType.a).toMatchObject({precision: 1 / 2, recall: 1 / 2, f1: 1 / 2});
    expect(byType.b).toMatchObject({precision: 0, recall: 0, f1: 0});
    expect(byType.c).toMatchObject({labelled: 0, precision: 1, recall: 1, f1: 1});
  });

  test('the table has a line a type', () => {
    const lines = scoreTable(score(labelled, predicted, ['a', 'b'])).split('\n');
    expect(lines[2].split(/\s+/)).toEqual(['', 'a', '50.00', '50.00', '50.00', '2']);
    expect(lines.at(-1)!.split(/\s+/)).toEqual(['', 'all', '33.33', '33.33', '33.33', '3']);
  });
});

describe('tagged sentences in the report', () => {
  test('spans inside others lie below them, also where some cross', () => {
    const spans = [
      {type: 'a', start: 2, end: 2},
      {type: 'a', start: 0, end: 4},
      {type: 'a', start: 0, end: 2},
      {type: 'a', start: 5, end: 6},
      {type: 'a', start: 4, end: 5},
    ];
    expect(spanRows(spans)).toEqual([2, 0, 1, 2, 1]);
  });

  test('mark what is wrong and what was missed, and escape the text', () => {
    const html = taggedHtml(
      {tokens: ['<b>', 'Ida'], predicted: [{type: 'x', start: 0, end: 0}], labelled: [{type: 'x', start: 1, end: 1}]},
      ['x'],
      'words',
    );
    expect(html).toContain('&#60;b&#62;');
    expect(html).toMatch(/bar wrong first last/);
    expect(html).toMatch(/bar missed first last/);
  });
});
