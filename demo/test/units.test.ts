/** The parts of the page that need no browser. */
import assert from 'node:assert/strict';
import {readdirSync, readFileSync} from 'node:fs';
import {test} from 'node:test';

import * as tf from '@tensorflow/tfjs';
import * as tfa from 'tfjs-addons';

import {withTypes} from '../src/engine/added_types.ts';
import {AttentionMaps} from '../src/engine/attention_maps.ts';
import {readModelFiles, writeModelFiles} from '../src/engine/model_files.ts';
import type {ModelFiles} from '../src/engine/protocol.ts';
import {sentencesOf} from '../src/engine/sentences.ts';
import {Trainer} from '../src/engine/trainer.ts';
import {Turns} from '../src/engine/turns.ts';
import {Latency, quantile} from '../src/page/state/latency.ts';
import {corrected, isSameAsFound, marksOf} from '../src/page/state/marks.ts';

test('the attention map is the one that the unit uses', async () => {
  await tf.setBackend('cpu');
  const [units, keySize, channels] = [6, 4, 3];
  const input = tf.input({shape: [null, channels]});
  const unit = tfa.layers.gatedAttentionUnit({units, keySize, normalization: 'softmaxPlus', pBias: 'rotary'});
  const model = tf.model({inputs: input, outputs: unit.apply(input) as tf.SymbolicTensor});
  model.setWeights(model.getWeights().map((weight, i) => tf.randomNormal(weight.shape, 0, 1, 'float32', i + 1)));
  const x = tf.randomNormal<tf.Rank.R3>([2, 5, channels], 0, 1, 'float32', 20);
  const [weights] = new AttentionMaps(model).of([x]);

  const [kernel, bias, , , , , outputKernel, outputBias] = model.getWeights();
  const project = (t: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor): tf.Tensor =>
    tf.add(tf.reshape(tf.matMul(tf.reshape(t, [10, -1]), kernel as tf.Tensor2D), [2, 5, -1]), bias);
  const [gate, value] = tf.split(tfa.swish(project(x, kernel, bias)), [units, units, keySize], 2);
  const expected = project(tf.mul(gate, tf.matMul(weights, value)), outputKernel, outputBias);
  const difference = tf.max(tf.abs(tf.sub(expected, model.predict(x) as tf.Tensor))).dataSync()[0];
  assert.ok(difference < 1e-4, `${difference}`);
});

test('sentences end at stops, not at initials, and offsets are those of the string', () => {
  const text = '👍 Anna J. Ashby left. “Why?” she said.\nNobody knew';
  const sentences = sentencesOf(text, 'words');
  assert.deepEqual(
    sentences.map(({start, end}) => text.slice(start, end)),
    ['👍 Anna J. Ashby left.', '“Why?”', 'she said.', 'Nobody knew'],
  );
  for (const {tokens} of sentences) {
    for (const token of tokens) assert.equal(text.slice(token.start, token.end), token.text);
  }
  assert.deepEqual(sentencesOf(' \n ', 'words'), []);
});

test('the last fifty runs are summarised', () => {
  const latency = new Latency();
  assert.deepEqual(latency.summary(), {runs: 0, median: undefined, p95: undefined, launches: undefined});
  for (let i = 0; i < 100; i++) latency.add(i + 1, 7);
  assert.deepEqual(latency.summary(), {runs: 50, median: 75, p95: 98, launches: 7});
  assert.equal(quantile([3], 0.95), 3);
});

test('a correction adds a span or takes one away, and a second one undoes it', () => {
  const tokens = ['Anna', 'left'].map((text, i) => ({text, start: 5 * i, end: 5 * i + 4}));
  const found = {type: 'person', start: 0, end: 0, score: 2};
  const sentence = {start: 0, end: 9, tokens, spans: [found]};
  const added = corrected('Anna left', sentence, undefined, {type: 'event', start: 1, end: 1});
  const both = corrected('Anna left', sentence, added, found);
  assert.deepEqual(both.spans, [{type: 'event', start: 1, end: 1}]);
  assert.deepEqual(
    marksOf(sentence, both).map(({kind}) => kind),
    ['wrong', 'missed'],
  );
  const undone = corrected('Anna left', sentence, added, {type: 'event', start: 1, end: 1});
  assert.ok(isSameAsFound(undone, sentence) && !isSameAsFound(added, sentence));
});

const MODEL = new URL('../public/model/', import.meta.url);
const TOKENS = ['Sofia', 'Langford', 'left', 'Norwell', '.'];
const HERE = {isLost: () => false, wasLost: async () => false};

const modelFiles = (): ModelFiles =>
  Object.fromEntries(readdirSync(MODEL).map(name => [name, new Uint8Array(readFileSync(new URL(name, MODEL)))]));

test('a type that is added leaves the scores of the others, begins as their mean, and is saved', async () => {
  await tf.setBackend('cpu');
  const loaded = await readModelFiles(modelFiles());
  const larger = await withTypes(loaded, ['animal', 'plant']);
  const {recogniser} = await readModelFiles(await writeModelFiles(larger));
  const {types} = loaded.recogniser.encoder;
  assert.deepEqual(recogniser.encoder.types, [...types, 'animal', 'plant']);
  const before = await loaded.recogniser.spanScores({tokens: TOKENS});
  const after = await recogniser.spanScores({tokens: TOKENS});
  assert.deepEqual(after.slice(0, types.length), before);
  for (let start = 0; start < TOKENS.length; start++) {
    for (let end = start; end < TOKENS.length; end++) {
      const mean = before.reduce((sum, scores) => sum + scores[start][end], 0) / types.length;
      for (const scores of after.slice(types.length)) assert.ok(Math.abs(scores[start][end] - mean) < 1e-3);
    }
  }
});

test('a training that fails leaves the model as it was', async () => {
  await tf.setBackend('cpu');
  const loaded = await readModelFiles(modelFiles());
  const {recogniser} = loaded;
  const before = await recogniser.spanScores({tokens: TOKENS});
  const trainer = new Trainer(loaded, new Turns(HERE));
  const example = {text: TOKENS.join(' '), tokens: TOKENS, spans: [{type: 'product', start: 2, end: 2}]};
  const losses: number[] = [];
  const training = trainer.train([example], {steps: 30, learningRate: 1e30}, (_, loss) => losses.push(loss));
  await assert.rejects(training, /the loss became (NaN|-?Infinity); try a lower learning rate/);
  assert.ok(losses.length > 0);
  assert.deepEqual(await recogniser.spanScores({tokens: TOKENS}), before);
});

test('work during which the device was lost never ends, and what fails otherwise does', async () => {
  const device = {lost: false, isLost: () => device.lost, wasLost: async () => device.lost};
  const turns = new Turns(device);
  const fail = (): Promise<never> => Promise.reject(new Error('out of range'));
  await assert.rejects(turns.take(fail), /out of range/);
  assert.equal(await turns.take(async () => 3), 3);
  const ended: string[] = [];
  const lost = turns.take(async () => {
    device.lost = true;
  });
  for (const work of [lost, turns.take(fail), turns.take(async () => {})]) {
    work.then(
      () => ended.push('with a result'),
      () => ended.push('with an error'),
    );
  }
  await new Promise(resolve => setTimeout(resolve, 20));
  assert.deepEqual(ended, []);
});
