import {mkdtemp} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import {sequential} from '@tensorflow/tfjs-layers';
import * as tfa from 'tfjs-addons';
import 'tfjs-addons/register';

await tf.setBackend('cpu');
const model = sequential({
  layers: [
    tfa.layers.gatedAttentionUnit({units: 16, keySize: 8, inputShape: [null, 8], pBias: 'rotary'}),
    tfa.layers.globalPointer({heads: 2, headSize: 8}),
  ],
});
model.compile({optimizer: tfa.train.adamW(0.02), loss: tfa.losses.globalPointerCrossentropy});

const x = tf.randomNormal([4, 5, 8]);
const labels = tf.zeros([4, 2, 5, 5]);
const {history} = await model.fit(x, labels, {epochs: 20, verbose: 0});

const url = `file://${join(await mkdtemp(join(tmpdir(), 'consumer-')), 'model')}`;
await tfa.saveModel(model, url);
const loaded = await tfa.loadModel(url);
const difference = tf.max(tf.abs(tf.sub(model.predict(x), loaded.predict(x)))).dataSync()[0];
if (!(history.loss.at(-1) < history.loss[0]) || difference !== 0) {
  throw new Error(`losses ${history.loss}; the loaded scores differ by ${difference}`);
}
console.log(`loss ${history.loss[0].toFixed(2)} → ${history.loss.at(-1).toFixed(2)}; loaded again, same scores`);
