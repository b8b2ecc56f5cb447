/** What every loss of the package must do, whatever its formula. */
import {afterEach, describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import {layers, sequential} from '@tensorflow/tfjs-layers';

import {setFused} from '../../src/internal/kernels.js';
import {describeLoss, type LossFunction, makeLoss} from '../../src/internal/named_functions.js';
import {expectClose, expectGradientClose, expectTensorsKept, normal} from '../support/expect.js';
import type {LossEntry, Sample} from './loss_catalog.js';

type Maker = (options: Record<string, unknown>) => LossFunction;

export function lossSuite(name: string, exported: unknown, entry: LossEntry): void {
  const variants: [string, LossFunction][] =
    entry.options === undefined
      ? [[name, exported as LossFunction]]
      : entry.options.map(options => [`${name}(${JSON.stringify(options)})`, (exported as Maker)(options)]);

  describe.each(variants)('%s', (_, loss) => {
    afterEach(() => setFused(true));

    const total = (yTrue: tf.Tensor, yPred: tf.Tensor): tf.Scalar => tf.sum(loss(yTrue, yPred));
    const valueAndGradient = ({yTrue, yPred}: Sample) => tf.valueAndGrad(x => total(yTrue, x as tf.Tensor))(yPred);

    test('the gradient is the slope in a random direction', async () => {
      const {yTrue, yPred} = entry.sample(2);
      for (const seed of [11, 12]) {
        const direction = normal(yPred.shape, seed);
        const {grad} = valueAndGradient({yTrue, yPred});
        const [slope] = await tf.sum(tf.mul(grad, direction)).data();
        const step = entry.step ?? 1e-2;
        const ahead = total(yTrue, tf.add(yPred, tf.mul(direction, step)));
        const behind = total(yTrue, tf.sub(yPred, tf.mul(direction, step)));
        const [difference] = await tf.div(tf.sub(ahead, behind), 2 * step).data();
        const [size] = await tf.mul(tf.norm(grad), tf.norm(direction)).data();
        expect(Math.abs(slope - difference)).toBeLessThan(5e-3 * size + 1e-3);
      }
    });

    test('a model compiles, trains and evaluates with it, and leaves no tensor', async () => {
      const {yTrue, yPred} = entry.sample(2);
      const units = yPred.shape[yPred.rank - 1] as number;
      const model = sequential({layers: [layers.dense({units, inputShape: yPred.shape.slice(1)})]});
      model.compile({optimizer: tf.train.sgd(0.01), loss});
      const {feedOutputShapes} = (model as unknown as {model: {feedOutputShapes: unknown[]}}).model;
      feedOutputShapes[0] = yTrue.shape.map(() => null); // tfjs wants labels of the shape of the output
      const first = (await model.trainOnBatch(yPred, yTrue)) as number;
      const before = tf.memory().numTensors;
      const second = (await model.trainOnBatch(yPred, yTrue)) as number;
      expect(tf.memory().numTensors).toBe(before);
      expect(Number.isFinite(first) && Number.isFinite(second)).toBe(true);
      model.dispose();
    });

    test('keeps the loss alone, and the gradient alone', () => {
      const {yTrue, yPred} = entry.sample(3);
      expectTensorsKept(1, () => loss(yTrue, yPred));
      expectTensorsKept(2, () => valueAndGradient({yTrue, yPred}));
    });

    test('names itself and the shapes that do not fit', () => {
      const {yTrue, yPred, error} = entry.misshapen;
      const run = () => loss(tf.zeros(yTrue), tf.zeros(yPred));
      expect(run).toThrow(error);
      expect(run).toThrow(name.replace(/Loss$/, ''));
    });

    test('stays finite far outside, forward and backward', async () => {
      const {yTrue, yPred} = entry.sample(2);
      const far = entry.extreme?.(yPred) ?? tf.mul(yPred, 1e4);
      const {value, grad} = valueAndGradient({yTrue, yPred: far});
      for (const number of [...(await value.data()), ...(await grad.data())])
        expect(Number.isFinite(number)).toBe(true);
    });

    test('gives the value and the gradient of the composed reference at each of several sizes', async () => {
      for (const batch of [2, 3, 1, 2]) {
        setFused(true);
        const fused = valueAndGradient(entry.sample(batch));
        setFused(false);
        const reference = valueAndGradient(entry.sample(batch));
        await expectClose(fused.value, reference.value);
        await expectGradientClose(fused.grad, reference.grad);
      }
    });

    test('gives the same again when everything of the first call is gone', async () => {
      const first = entry.sample(2);
      const result = loss(first.yTrue, first.yPred);
      const want = Array.from(await result.data());
      tf.dispose([result, first.yTrue, first.yPred]);
      const second = entry.sample(2);
      expect(Array.from(await loss(second.yTrue, second.yPred).data())).toEqual(want);
    });

    test('is made again from what is saved of it', async () => {
      const {yTrue, yPred} = entry.sample(2);
      const description = describeLoss(loss);
      expect(description?.name).toBe(name);
      if (entry.options !== undefined) expect(entry.options).toContainEqual(description?.options);
      const again = makeLoss(JSON.parse(JSON.stringify(description)));
      await expectClose(again(yTrue, yPred), loss(yTrue, yPred));
    });
  });
}
