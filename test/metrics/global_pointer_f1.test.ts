import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {globalPointerF1, globalPointerF1Metric} from '../../src/metrics/global_pointer_f1.js';
import {GlobalPointerF1} from '../../src/metrics/global_pointer_f1_counter.js';
import {sparseGlobalPointerF1, sparseGlobalPointerF1Metric} from '../../src/metrics/sparse_global_pointer_f1.js';
import {spanLabels} from '../../src/ops/span_labels/index.js';
import {spanList} from '../../src/ops/span_list/index.js';
import {expectClose, expectTensorsKept} from '../support/expect.js';
import {type GoldenTensor, goldenTensor, loadGolden} from '../support/golden.js';

interface GoldenF1 {
  inputs: {y_true: GoldenTensor; y_pred: GoldenTensor};
  outputs: {f1: GoldenTensor};
}

const span = (head: number, start: number, end: number) => ({head, start, end});

/** Scores of 1 at the spans and −1 elsewhere. */
function scoresOf(batch: ReturnType<typeof span>[][], heads: number, length: number): tf.Tensor {
  const scores = tf.buffer([batch.length, heads, length, length]);
  scores.values.fill(-1);
  batch.forEach((spans, b) => {
    for (const {head, start, end} of spans) scores.set(1, b, head, start, end);
  });
  return scores.toTensor();
}

describe('globalPointerF1', () => {
  test('gp_f1_basic', async () => {
    const {inputs, outputs} = await loadGolden<GoldenF1>('attention/gp_f1_basic');
    const [yTrue, yPred] = [goldenTensor(inputs.y_true), goldenTensor(inputs.y_pred)];
    await expectClose(globalPointerF1(yTrue, yPred), goldenTensor(outputs.f1));
    expectTensorsKept(1, () => globalPointerF1(yTrue, yPred));
  });

  test('nothing labelled and nothing predicted is 1; a threshold is strict', async () => {
    const [labels, scores] = [tf.zeros([1, 1, 2, 2]), tf.zeros([1, 1, 2, 2])];
    await expectClose(globalPointerF1(labels, scores), 1);
    await expectClose(globalPointerF1Metric({threshold: -0.5})(labels, scores), 0);
    expect(globalPointerF1.name).toBe('globalPointerF1');
  });

  test('names the shapes that differ', () => {
    expect(() => globalPointerF1(tf.zeros([1, 1, 2, 3]), tf.zeros([1, 1, 2, 2]))).toThrow(
      'globalPointerF1: expected labels of shape [1, 1, 2, 2], that of the scores, received shape [1, 1, 2, 3].',
    );
  });
});

describe('sparseGlobalPointerF1', () => {
  test('equals the dense metric of the same spans; repeated and padded spans do not count', async () => {
    const truth = [[span(0, 1, 2), span(0, 2, 2), span(1, 0, 3)], [span(1, 1, 1)]];
    const scores = scoresOf(
      [
        [span(0, 1, 2), span(1, 0, 2)],
        [span(1, 1, 1), span(0, 3, 3)],
      ],
      2,
      4,
    );
    const want = globalPointerF1(tf.relu(scoresOf(truth, 2, 4)), scores);
    await expectClose(sparseGlobalPointerF1(spanLabels(truth, {heads: 2, maxSpans: 3}), scores), want);
    const repeated = [[...truth[0], span(1, 0, 3)], truth[1]];
    await expectClose(sparseGlobalPointerF1(spanLabels(repeated, {heads: 2}), scores), want);
    await expectClose(sparseGlobalPointerF1(spanList(repeated), scores), want);
  });

  test('(0, 0) is padding, or a span without maskZero', async () => {
    const truth = [[span(0, 0, 0)]];
    const scores = scoresOf(truth, 1, 3);
    const labels = spanLabels(truth, {heads: 1, maskZero: false, maxSpans: 2});
    await expectClose(sparseGlobalPointerF1Metric({maskZero: false})(labels, scores), 1);
    await expectClose(sparseGlobalPointerF1(tf.zeros([1, 1, 2, 2], 'int32'), scores), 1);
    await expectClose(sparseGlobalPointerF1Metric({maskZero: false, threshold: 1})(labels, scores), 0);
  });

  test('names the shape it wants', () => {
    expect(() => sparseGlobalPointerF1(tf.zeros([1, 2, 2]), tf.zeros([1, 2, 3, 3]))).toThrow(
      'sparseGlobalPointerF1: expected spans of shape [1, 2, K, 2] or [1, K, 3], received shape [1, 2, 2].',
    );
  });
});

describe('GlobalPointerF1', () => {
  test('adds counts over batches, which is not the mean of the batches', async () => {
    const counter = new GlobalPointerF1({heads: 2});
    await counter.update([[span(0, 0, 1)]], [[span(0, 0, 1), span(1, 2, 2), span(1, 2, 2)]]);
    await counter.update([[span(0, 1, 1), span(1, 0, 0)], [span(1, 3, 4)]], [[span(1, 0, 0)], []]);
    const {precision, recall, f1, perHead} = counter.result();
    expect([precision, recall]).toEqual([2 / 3, 2 / 4]);
    expect(f1).toBeCloseTo(4 / 7, 12);
    expect(perHead[0]).toEqual({precision: 1, recall: 1 / 2, f1: 2 / 3});
    expect(perHead[1]).toEqual({precision: 1 / 2, recall: 1 / 2, f1: 1 / 2});
    counter.reset();
    expect(counter.result()).toEqual({
      precision: 1,
      recall: 1,
      f1: 1,
      perHead: Array(2).fill({precision: 1, recall: 1, f1: 1}),
    });
  });

  test('tensors and lists count the same, and leave no tensor', async () => {
    const [truth, found] = [[[span(0, 1, 2), span(1, 0, 0)]], [[span(0, 1, 2), span(0, 2, 2)]]];
    const [labels, scores] = [tf.relu(scoresOf(truth, 2, 3)), scoresOf(found, 2, 3)];
    const before = tf.memory().numTensors;
    const results = [];
    for (const [yTrue, yPred] of [
      [labels, scores],
      [truth, scores],
      [labels, found],
      [truth, found],
    ] as const) {
      const counter = new GlobalPointerF1({heads: 2});
      await counter.update(yTrue, yPred);
      results.push(counter.result());
    }
    expect(tf.memory().numTensors).toBe(before);
    for (const result of results) expect(result).toEqual(results[0]);
    expect(results[0].f1).toBe(0.5);
    const cut = new GlobalPointerF1({heads: 2});
    await cut.update(labels, scores, {lengths: [2]});
    expect(cut.result()).toMatchObject({precision: 0, recall: 0});
  });

  test('names the heads and the samples that do not fit', async () => {
    expect(() => new GlobalPointerF1({heads: 0})).toThrow('expected heads to be a positive integer, received 0.');
    const counter = new GlobalPointerF1({heads: 2});
    await expect(counter.update([[]], tf.zeros([1, 3, 2, 2]))).rejects.toThrow(
      'GlobalPointerF1: expected a tensor [batch, 2, length, length], received float32 of shape [1, 3, 2, 2].',
    );
    await expect(counter.update([[]], [[], []])).rejects.toThrow('expected 1 samples, received 2.');
    await expect(counter.update([[span(2, 0, 0)]], [[]])).rejects.toThrow('expected head in [0, 2), received 2.');
  });
});
