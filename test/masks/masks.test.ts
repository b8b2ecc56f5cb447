import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import {t5Bucket} from '../../src/internal/relative_buckets.js';
import {causal, combine, padding, permutation, prefix, toBias} from '../../src/masks/index.js';
import {expectClose, expectTensorsKept} from '../support/expect.js';
import {goldenTensor, loadGolden} from '../support/golden.js';
import {type GoldenAttention, loadAttention} from '../support/golden_layer.js';

const rows = async (mask: tf.Tensor) => {
  expect(mask.dtype).toBe('bool');
  const width = mask.shape[mask.rank - 1] as number;
  return Array.from(await mask.data(), Number)
    .join('')
    .match(new RegExp(`.{${width}}`, 'g'));
};

describe('masks', () => {
  test('causal', async () => {
    expect(await rows(causal(3))).toEqual(['100', '110', '111']);
    expect(await rows(causal(2, 4))).toEqual(['1110', '1111']);
  });

  test('causal and prefix equal bert4keras', async () => {
    const {inputs, outputs} = await loadAttention('masks_b4k');
    await expectClose(tf.cast(causal(5), 'int32'), tf.cast(goldenTensor(outputs.lm), 'int32'));
    await expectClose(
      tf.cast(prefix(goldenTensor(inputs.segment_ids)), 'int32'),
      tf.cast(goldenTensor(outputs.unilm), 'int32'),
    );
  });

  test('prefix: the source sees itself, the target its past', async () => {
    const mask = prefix(tf.tensor2d([0, 0, 0, 1, 1, 1], [1, 6], 'int32'));
    expect(await rows(mask)).toEqual(['111000', '111000', '111000', '111100', '111110', '111111']);
  });

  test('permutation', async () => {
    expect(await rows(permutation(tf.tensor2d([[2, 0, 1]])))).toEqual(['111', '010', '011']);
  });

  test('padding', async () => {
    expect(await rows(padding([1, 3]))).toEqual(['100', '111']);
    expect(await rows(padding([0, 2], 4))).toEqual(['0000', '1100']);
    expect(() => padding([3], 2)).toThrow('masks.padding: expected lengths from 0 to 2, received 3.');
  });

  test('combine broadcasts, with the padding on the keys', async () => {
    const both = combine([causal(3)], {padding: padding([2, 3])});
    expect(both.shape).toEqual([2, 3, 3]);
    expect(await rows(both)).toEqual(['100', '110', '110', '100', '110', '111']);
    expect(() => combine([])).toThrow('masks.combine: expected at least one mask, received 0.');
  });

  test('toBias', async () => {
    await expectClose(toBias(causal(2), -5), [
      [0, -5],
      [0, 0],
    ]);
  });

  test('keep one tensor: the mask', () => {
    const ids = tf.tensor2d([[0, 1]]);
    const keys = padding([1, 2]);
    const square = causal(2);
    for (const make of [
      () => prefix(ids),
      () => permutation(ids),
      () => combine([square], {padding: keys}),
      () => toBias(square),
    ]) {
      expectTensorsKept(1, make);
    }
  });
});

test('T5 buckets equal bert4keras', async () => {
  const {inputs, outputs, config} = await loadGolden<GoldenAttention>('attention/t5_buckets_32_128_bi');
  const buckets = inputs.relative_position.data.map(distance =>
    t5Bucket(Number(distance), config.input_dim as number, 128, true),
  );
  expect(buckets).toEqual(Object.values(outputs)[0].data);
});
