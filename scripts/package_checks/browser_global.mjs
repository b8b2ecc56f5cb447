/** Loads `tf.min.js` and then the package's browser build as scripts of a page, and trains one layer there. */
import {readFileSync} from 'node:fs';
import {join} from 'node:path';

import {findChromium, launchChromium} from '../../test/browser/chromium.mjs';
import {servePages} from '../../test/browser/page_server.mjs';
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
  const server = await servePages(root, pages);
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    const errors = [];
    page.on('pageerror', error => errors.push(error.message));
    page.on('console', message => message.type() === 'error' && errors.push(message.text()));
    await page.goto(`${server.origin}/page.html`);
    const losses = await page.evaluate(train).catch(error => [error.message]);
    if (errors.length > 0 || !(losses[1] < losses[0])) throw new Error([...errors, `losses: ${losses}`].join('\n'));
    return `(${(script.length / 1024).toFixed(0)} kB)`;
  } finally {
    await browser.close();
    await server.close();
  }
}

/** Runs in the page: the losses of two epochs. */
async function train() {
  const {tf, tfa} = globalThis;
  const model = tf.sequential({layers: [tfa.layers.rmsNormalization({inputShape: [3]}), tf.layers.dense({units: 1})]});
  model.compile({optimizer: tfa.train.adamW(0.05), loss: 'meanSquaredError'});
  const {history} = await model.fit(tf.randomNormal([64, 3]), tf.ones([64, 1]), {epochs: 2, verbose: 0});
  return history.loss;
}
