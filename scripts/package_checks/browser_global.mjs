/** Loads `tf.min.js` and then the package's browser build as scripts of a page, and trains one layer there. */
import {readFileSync} from 'node:fs';
import {join} from 'node:path';

import {findChromium} from '../../test/browser/chromium.mjs';
import {withPage} from '../../test/browser/open_page.mjs';
import {root} from '../pack.mjs';

const PAGE = `<!doctype html>
<script src="/node_modules/@tensorflow/tfjs/dist/tf.min.js"></script>
<script src="/tfjs-addons.min.js"></script>`;

export async function checkBrowserGlobal(installedPackage) {
  if (findChromium() === undefined) return '(not checked: no Chromium)';
  const script = readFileSync(join(installedPackage, 'dist/tfjs-addons.min.js'), 'utf8');
  const pages = new Map([
    ['/page.html', PAGE],
    ['/tfjs-addons.min.js', script],
  ]);
  return withPage('/page.html', [root, pages], async (page, errors) => {
    const losses = await page.evaluate(train).catch(error => [error.message]);
    if (errors.length > 0 || !(losses[1] < losses[0])) throw new Error([...errors, `losses: ${losses}`].join('\n'));
    return `(${(script.length / 1024).toFixed(0)} kB)`;
  });
}

/** Runs in the page: the losses of two epochs. */
async function train() {
  const {tf, tfa} = globalThis;
  const model = tf.sequential({layers: [tfa.layers.rmsNormalization({inputShape: [3]}), tf.layers.dense({units: 1})]});
  model.compile({optimizer: tfa.train.adamW(0.05), loss: 'meanSquaredError'});
  const {history} = await model.fit(tf.randomNormal([64, 3]), tf.ones([64, 1]), {epochs: 2, verbose: 0});
  return history.loss;
}
