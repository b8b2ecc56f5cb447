import {describe, expect, test} from '@jest/globals';

import {joinTokens, tokenise} from '../../../examples/entity-recogniser/src/data/tokenise.js';
import {Random} from '../../../examples/entity-recogniser/src/random.js';
import {spanRows} from '../../../examples/entity-recogniser/src/report/span_rows.js';
import {taggedHtml} from '../../../examples/entity-recogniser/src/report/tagged_html.js';
import {score} from '../../../examples/entity-recogniser/src/scores.js';
import {scoreTable} from '../../../examples/entity-recogniser/src/terminal/score_table.js';
import {featureTensors, tagTensor} from '../../../examples/entity-recogniser/src/text/batch_tensors.js';
import {makeBatches, paddedLength} from '../../../examples/entity-recogniser/src/text/batches.js';
import {Encoder} from '../../../examples/entity-recogniser/src/text/encoder.js';
import {TABLES} from '../../../examples/entity-recogniser/src/text/features.js';
import {hideValues} from '../../../examples/entity-recogniser/src/text/hiding.js';
import {tagCount, tagsOf} from '../../../examples/entity-recogniser/src/text/tags.js';
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
    const shape = (word: string) => TABLES.shape([word])[0];
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
    expect(TABLES.bigram(['7', '月'])).toEqual(['⟨edge⟩ 0', '0 月', '月 ⟨edge⟩']);
  });
});

describe('Vocabulary', () => {
  const vocabulary = Vocabulary.of(['b', 'a', 'b', 'c', 'b', 'a'], 2);

  test('numbers the frequent values first and does not know the rare', () => {
    expect(vocabulary.size).toBe(4);
    expect(['b', 'a', 'c'].map(value => vocabulary.numberOf(value))).toEqual([2, 3, UNKNOWN]);
  });

  test.each([
    [0, 1, 1 / 4],
    [0.2, 0, 1 / 5],
    [0.2, 1, 2 / 5],
  ])('hides a value that was seen 3 times with probability p + (1 − p) α / (α + 3): p %p, α %p', (p, alpha, share) => {
    const random = new Random(1);
    const hidden = Array.from({length: 4000}, () => vocabulary.hide(2, p, alpha, random)).filter(n => n === UNKNOWN);
    expect(Math.abs(hidden.length / 4000 - share)).toBeLessThan(0.03);
    expect(vocabulary.hide(0, p, 1e9, random)).toBe(0);
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

describe('hideValues', () => {
  const sentence = {tokens: ['北', '京', '人'], spans: []};
  const dataset = {train: [sentence], dev: [], types: [], tokenKind: 'characters' as const};
  const encoder = Encoder.of(dataset, {features: ['character', 'bigramBefore', 'bigram'], minCount: 1});
  const encoded = encoder.encode(sentence);
  const hide = (hideTokens: number, hideContext: number) =>
    hideValues(encoded, encoder.tables, {forget: 0, hideTokens, hideContext}, new Random(1)).tables;

  test('hides tokens and what stands beside them by themselves', () => {
    expect(hide(0, 0)).toEqual(encoded.tables);
    expect(hide(1, 0)).toEqual([[UNKNOWN, UNKNOWN, UNKNOWN], encoded.tables[1]]);
    expect(hide(0, 1)).toEqual([encoded.tables[0], [UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN]]);
  });

  test('a pair is one value, whichever neighbour looks at it', () => {
    const [before, after] = [1, 2].map(f => encoder.features[f]);
    expect(before.table).toBe(after.table);
    const batch = {indices: [0], length: 4};
    const [, left, right] = featureTensors([encoded], batch, encoder.features).map(tensor => [...tensor.dataSync()]);
    expect(left.slice(1, 3)).toEqual(right.slice(0, 2));
    expect(left[3]).toBe(0);
  });
});

describe('tags', () => {
  const spans = [
    {head: 1, start: 0, end: 3},
    {head: 0, start: 1, end: 1},
  ];

  test('four for each type, the shortest entity first', () => {
    expect(tagsOf({spans, length: 6})).toEqual([5, 4, 6, 7, 0, 0]);
    expect(tagCount(2)).toBe(9);
  });

  test('as targets: smoothed, nothing at padding, the sum of all weights that of the mean', () => {
    const sentences = [
      {tables: [], spans, length: 6},
      {tables: [], spans: [], length: 2},
    ];
    const batch = {indices: [0, 1], length: 8};
    const tensor = tagTensor(sentences, batch, 2, {weight: 3, smoothing: 0.1});
    const [first, second] = tensor.arraySync();
    const sums = [...first, ...second].map(row => row.reduce((sum, value) => sum + value, 0));
    expect(sums.reduce((sum, value) => sum + value, 0) / sums.length).toBeCloseTo(3, 5);
    expect(
      second
        .slice(2)
        .flat()
        .every(value => value === 0),
    ).toBe(true);
    expect(first[0][5] / first[0][1]).toBeCloseTo((0.9 + 0.1 / 9) / (0.1 / 9), 3);
  });
});

describe('makeBatches', () => {
  const sentences = [3, 20, 8, 9, 2, 30].map(length => ({tables: [], spans: [], length}));

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
