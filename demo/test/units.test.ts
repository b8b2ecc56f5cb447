/** The parts of the page that need no browser. */
import assert from 'node:assert/strict';
import {test} from 'node:test';

import * as tf from '@tensorflow/tfjs';
import * as tfa from 'tfjs-addons';

import {AttentionMaps} from '../src/engine/attention_maps.ts';
import {sentencesOf} from '../src/engine/sentences.ts';
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
