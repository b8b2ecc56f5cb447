import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {decodeSpans} from '../../src/ops/decode_spans/index.js';
import {type GoldenTensor, goldenTensor, loadGolden} from '../support/golden.js';

interface GoldenDecode {
  config: {threshold: number; strip_first_and_last_token: boolean};
  inputs: {logits: GoldenTensor};
  outputs: {spans: GoldenTensor};
}

const triples = (spans: {head: number; start: number; end: number}[]) =>
  spans.map(({head, start, end}) => [head, start, end]);

describe('decodeSpans', () => {
  test.each(['gp_decode_basic', 'gp_decode_threshold_nostrip'])('%s', async name => {
    const {config, inputs, outputs} = await loadGolden<GoldenDecode>(`attention/${name}`);
    const scores = tf.expandDims(goldenTensor(inputs.logits), 0);
    const [spans] = await decodeSpans(scores, {
      threshold: config.threshold,
      skipFirstAndLast: config.strip_first_and_last_token,
    });
    const flat = outputs.spans.data.map(Number);
    expect(triples(spans)).toEqual(flat.flatMap((_, i) => (i % 3 === 0 ? [flat.slice(i, i + 3)] : [])));
  });

  test('gives the score, and only what is strictly above the threshold', async () => {
    const scores = tf.tensor4d([0.5, 2, Number.NEGATIVE_INFINITY, 0.25], [1, 1, 2, 2]);
    expect(await decodeSpans(scores, {threshold: 0.5})).toEqual([[{head: 0, start: 0, end: 1, score: 2}]]);
  });

  test('lengths cut the padding, and move the last token', async () => {
    const scores = tf.ones([3, 1, 4, 4]);
    const plain = await decodeSpans(scores, {lengths: [4, 2, 0]});
    expect(plain.map(spans => spans.length)).toEqual([16, 4, 0]);
    const inner = await decodeSpans(scores, {lengths: [4, 3, 1], skipFirstAndLast: true});
    expect(inner.map(triples)).toEqual([
      [
        [0, 1, 1],
        [0, 1, 2],
        [0, 2, 1],
        [0, 2, 2],
      ],
      [[0, 1, 1]],
      [],
    ]);
  });

  test('names the shape it wants', async () => {
    await expect(decodeSpans(tf.zeros([2, 3, 3]))).rejects.toThrow(
      'decodeSpans: expected scores [batch, heads, length, length], received float32 of shape [2, 3, 3]. ' +
        'Use tf.expandDims for one sample.',
    );
    await expect(decodeSpans(tf.zeros([2, 1, 3, 3]), {lengths: [3]})).rejects.toThrow('expected 2 lengths');
    await expect(decodeSpans(tf.zeros([1, 1, 3, 3]), {lengths: [4]})).rejects.toThrow(
      'expected lengths in [0, 3], received 4.',
    );
  });
});
