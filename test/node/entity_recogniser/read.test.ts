import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

import {afterEach, beforeEach, describe, expect, test} from '@jest/globals';

import {readColumns} from '../../../examples/entity-recogniser/src/data/read_columns.js';
import {readDirectory} from '../../../examples/entity-recogniser/src/data/read_directory.js';
import {readJsonLines} from '../../../examples/entity-recogniser/src/data/read_json_lines.js';

const columns = (text: string) => readColumns(text.split('\n'), 'file');
const spansOf = (text: string) => columns(text).map(({spans}) => spans.map(s => `${s.type} ${s.start}-${s.end}`));

describe('readColumns', () => {
  test.each([
    ['BIO', 'B-ORG I-ORG O B-PER B-PER'],
    ['IOB1', 'I-ORG I-ORG O I-PER B-PER'],
    ['BIOES', 'B-ORG E-ORG O S-PER S-PER'],
    ['BMES', 'B-ORG E-ORG O S-PER S-PER'],
    ['BILOU', 'B-ORG L-ORG O U-PER U-PER'],
  ])('%s', (_, tags) => {
    const lines = tags.split(' ').map((tag, i) => `word${i} ${tag}`);
    expect(spansOf(lines.join('\n'))).toEqual([['ORG 0-1', 'PER 3-3', 'PER 4-4']]);
  });

  test('long spans, and a file that ends without an empty line', () => {
    expect(spansOf('中 B-ORG\n国 M-ORG\n银 M-ORG\n行 E-ORG\n。 O\n\n他 O')).toEqual([['ORG 0-3'], []]);
  });

  test('CoNLL: four columns, tabs, document marks', () => {
    const text = '-DOCSTART- -X- -X- O\n\nEU\tNNP\tB-NP\tB-ORG\nrejects\tVBZ\tB-VP\tO\n\n\nGerman JJ B-NP B-MISC';
    expect(columns(text)).toEqual([
      {tokens: ['EU', 'rejects'], spans: [{type: 'ORG', start: 0, end: 0}]},
      {tokens: ['German'], spans: [{type: 'MISC', start: 0, end: 0}]},
    ]);
  });

  test.each([
    ['a B-X\nb', 'file:2: expected a token and a tag, received "b"'],
    ['a O\n O', 'file:2: expected a token and a tag, received " O"'],
    ['a B-X\nb x O', 'file:2: expected 2 columns as above, received 3'],
    ['a B-X\nb Q-X', 'file:2: "Q-X" is not a tag such as O, B-PER or I-PER'],
    ['a B-X\nb I-Y', 'file:2: I-Y goes on with a span, but the open one is of type X'],
    ['a B-X\n\nb O\nc I-X', 'file:4: I-X goes on with a span, but none is open'],
    ['a B-X\nb M-X\nc O', 'file:3: the X that began 2 tokens earlier has no E before O'],
    ['a S-X\nb B-X', 'file:2: the X that began 1 token earlier has no E before the end of the sentence'],
    ['a B-X\nb M-X\nc E-X\nd I-X', 'file:4: I-X is no tag of the scheme BMES, which the others follow'],
    ['', 'file:1: the file holds no sentence'],
  ])('%j is reported with file, line and reason', (text, message) => {
    expect(() => columns(text)).toThrow(message);
  });

  test('tags out of order are read as by the scorer of CoNLL when that is asked for', () => {
    const accepted: string[] = [];
    const text = 'a B-X\nb M-X\n\nc M-X\nd E-X\ne B-Y\nf E-X';
    const sentences = readColumns(text.split('\n'), 'file', {onRepair: ({message}) => accepted.push(message)});
    expect(sentences.map(({spans}) => spans)).toEqual([
      [{type: 'X', start: 0, end: 1}],
      [
        {type: 'X', start: 0, end: 1},
        {type: 'Y', start: 2, end: 2},
        {type: 'X', start: 3, end: 3},
      ],
    ]);
    expect(accepted.join()).toContain(
      'file:2: the X that began 2 tokens earlier has no E before the end of the sentence',
    );
  });

  test('all malformed lines are counted', () => {
    const text = Array.from({length: 8}, () => 'word').join('\n');
    expect(() => columns(text)).toThrow('… and 3 more malformed lines in file');
  });
});

describe('readJsonLines', () => {
  const line = (value: unknown) => JSON.stringify(value);
  const read = (...values: unknown[]) => readJsonLines(values.map(line), 'file');

  test('Chinese: characters, end inside the span, nested types', () => {
    const text = '浙商银行企业信贷部叶老桂博士';
    const label = {
      company: {浙商银行: [[0, 3]]},
      name: {叶老桂: [[9, 11]]},
      organization: {浙商银行企业信贷部: [[0, 8]]},
    };
    expect(read({text, label})).toEqual([
      {
        tokens: [...text],
        spans: [
          {type: 'company', start: 0, end: 3},
          {type: 'name', start: 9, end: 11},
          {type: 'organization', start: 0, end: 8},
        ],
      },
    ]);
  });

  test('English: words; a surface that occurs twice; signs beyond 16 bits count as one', () => {
    expect(
      read({
        text: '😀 in New York, no, New York!',
        label: {
          place: {
            'New York': [
              [5, 12],
              [19, 26],
            ],
          },
        },
      }),
    ).toEqual([
      {
        tokens: ['😀', 'in', 'New', 'York', ',', 'no', ',', 'New', 'York', '!'],
        spans: [
          {type: 'place', start: 2, end: 3},
          {type: 'place', start: 7, end: 8},
        ],
      },
    ]);
  });

  test('a file without labels gives none', () => {
    expect(read({id: 0, text: '四川敦煌学'}, {id: 1, text: '你们'})).toBeUndefined();
  });

  test.each<[unknown, string]>([
    [{text: 'a b', label: {x: {b: [[1, 1]]}}}, 'file:2: x [1, 1] should be "b", but the text there is " "'],
    [{text: 'a bc', label: {x: {b: [[2, 2]]}}}, 'file:2: x [2, 2] "b" begins or ends inside a token'],
    [{text: 'a b', label: {x: {b: [2, 2]}}}, 'file:2: expected the places of "b" to be a list of [start, end]'],
    [{text: 'a b', label: {x: [[2, 2]]}}, 'file:2: expected the label "x" to be an object'],
    [{text: 'a b', label: 7}, 'file:2: expected "label" to be an object'],
    [{text: 'a b'}, 'file:2: no "label", though other lines have one'],
    [{text: ' ', label: {}}, 'file:2: the text is empty'],
    [{label: {}}, 'file:2: expected "text" to be a string'],
    [[], 'file:2: expected an object, received []'],
  ])('%j is reported with file, line and reason', (value, message) => {
    expect(() => read({text: 'a b', label: {x: {b: [[2, 2]]}}}, value)).toThrow(message);
  });

  test('what is not JSON is reported', () => {
    expect(() => readJsonLines(['{"text": "a"', '{}'], 'file')).toThrow(
      /^file:1: not JSON: .*\nfile:2: expected "text"/,
    );
  });
});

describe('readDirectory', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'entities-'));
  });
  afterEach(() => rmSync(directory, {recursive: true}));
  const write = (name: string, content: string | Uint8Array) => writeFileSync(join(directory, name), content);

  test('finds the parts by any usual name, and tells characters from words', () => {
    write('train.char.bmes', '\ufeff中 B-ORG\r\n国 E-ORG\r\n\r\n他 O\r\n');
    write('dev.char.bmes', '他 S-PER\n');
    write('test.char.bmes', '她 S-PER\n');
    expect(readDirectory(directory)).toEqual({
      train: [
        {tokens: ['中', '国'], spans: [{type: 'ORG', start: 0, end: 1}]},
        {tokens: ['他'], spans: []},
      ],
      dev: [{tokens: ['他'], spans: [{type: 'PER', start: 0, end: 0}]}],
      test: [{tokens: ['她'], spans: [{type: 'PER', start: 0, end: 0}]}],
      types: ['ORG', 'PER'],
      tokenKind: 'characters',
    });
  });

  test('CoNLL-2003 names, and a test file without labels', () => {
    write('eng.train', 'EU I-ORG\nrejects O\n');
    write('eng.testa', 'Peter I-PER\n');
    write('eng.testb', 'Anna I-PER\n');
    expect(readDirectory(directory).test).toHaveLength(1);
    rmSync(join(directory, 'eng.testb'));
    write('test.json', '{"text": "no labels"}\n');
    const data = readDirectory(directory);
    expect(data.test).toBeUndefined();
    expect(data.tokenKind).toBe('words');
  });

  test.each<[string, Record<string, string | Uint8Array>, RegExp]>([
    [
      'a missing part',
      {'train.txt': 'a O'},
      /holds no dev file \(such as dev\.txt or dev\.jsonl\); it holds train\.txt$/,
    ],
    ['two files for one part', {'train.txt': 'a O', 'train.bio': 'a O'}, /several train files: train\.bio, train\.txt/],
    [
      'labels missing in train',
      {'train.jsonl': '{"text": "a"}', 'dev.txt': 'a O'},
      /train\.jsonl:1: no line has a "label"/,
    ],
    [
      'bytes that are not UTF-8',
      {'train.txt': Uint8Array.of(97, 32, 79, 10, 255), 'dev.txt': 'a O'},
      /train\.txt:2: not valid UTF-8/,
    ],
  ])('%s is reported', (_, files, message) => {
    for (const [name, content] of Object.entries(files)) write(name, content);
    expect(() => readDirectory(directory)).toThrow(message);
  });

  test('a directory that is not there is reported', () => {
    expect(() => readDirectory(join(directory, 'none'))).toThrow(/none is not a directory$/);
  });
});
