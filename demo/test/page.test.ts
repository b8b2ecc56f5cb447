/** The built page in Chromium, on webgpu and on webgl, both by software. Pictures are kept in `screenshots`. */
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {after, before, describe, test} from 'node:test';

import {unzipSync} from 'fflate';
import type {Page} from 'playwright-core';

import {bars, Demo, explore, keepPicture, type OpenPage, PATIENCE, select, tagged} from './support/demo_page.ts';

const SENTENCE = 'Sofia Langford opened the zebra file in Norwell.';
const WORD = 'zebra';

/** The script of Observable Plot, as Vite names it after its folder. */
const PLOT = /\/assets\/src-[^/]*\.js$/;

let demo: Demo;
before(async () => {
  demo = await Demo.start();
});
after(() => demo.close());

/** What the model is to learn on each backend: a type that is new to it, and one that it knows. */
const TAUGHT = {webgpu: 'animal', webgl: 'product'};

for (const [backend, type] of Object.entries(TAUGHT)) {
  describe(`on ${backend}`, {timeout: 10 * PATIENCE}, () => {
    const SPAN = `${WORD}: ${type}, found`;
    let opened: OpenPage;
    let page: Page;
    let archive: string;

    before(async () => {
      opened = await demo.open({query: `?backend=${backend}`});
      page = opened.page;
    });
    after(() => opened?.close());

    test('tags the text, one entity inside another', async () => {
      await tagged(page);
      assert.equal(await page.locator('#backend').inputValue(), backend);
      const found = await bars(page);
      for (const expected of ['University of Ashmouth: organisation', 'Ashmouth: place', '1993: date']) {
        assert.ok(
          found.some(label => label.startsWith(expected)),
          `${expected} is not in ${found}`,
        );
      }
      await page.locator('.maps svg').waitFor();
      await explore(page);
      await keepPicture(page, `${backend}-tagged`);
    });

    test('tags what is typed', async () => {
      await page.locator('textarea').fill('');
      await page.locator('textarea').pressSequentially('Sofia Langford was born in Norwell.', {delay: 10});
      await page.locator('.bar[aria-label^="Norwell: place"]').waitFor();
      await page.locator('.bar[aria-label^="Sofia Langford: person"]').hover();
      assert.match((await page.locator('.details').textContent()) ?? '', /^Sofia Langfordpersonscore \d/);
    });

    test('shows the attention of each unit', async () => {
      await page.getByRole('tab', {name: 'Attention 2'}).click();
      await page.locator('.maps [role=img][aria-label*="unit 2"] svg').waitFor();
      await page.getByRole('tab', {name: 'Attention 2'}).press('ArrowLeft');
      await page.locator('.maps [role=img][aria-label*="unit 1"] svg').waitFor();
    });

    test('compares fused kernels with composed ones', async () => {
      const cell = (row: number, column: number) =>
        page.locator(`.speed tbody tr:nth-child(${row}) td:nth-child(${column})`).textContent();
      await page.getByLabel('Fused kernels').uncheck();
      await page.waitForFunction(
        () => document.querySelector('.speed tbody tr:nth-child(4) td:nth-child(3)')?.textContent !== '0',
      );
      await page.getByLabel('Fused kernels').check();
      assert.match((await cell(1, 2)) ?? '', /^[\d.,]+ ms$/);
      assert.match((await cell(2, 3)) ?? '', /^[\d.,]+ ms$/);
      const launches = [await cell(3, 2), await cell(3, 3)].map(Number);
      // webgl has no fused kernels: both run the same.
      const saves = backend === 'webgl' ? launches[1] === launches[0] : launches[1] > launches[0];
      assert.ok(launches[0] > 0 && saves, `launches ${launches}`);
    });

    test('learns a corrected sentence, without freezing, and keeps it', async () => {
      await page.locator('textarea').fill(SENTENCE);
      await page.locator('.bar[aria-label^="Sofia Langford: person"]').waitFor();
      assert.ok(!(await bars(page)).some(label => label.startsWith(SPAN)));
      await select(page, WORD);
      const button = page.locator('.types').getByRole('button', {name: type});
      if ((await button.count()) > 0) await button.click();
      else {
        await page.getByLabel('Another type').fill(type);
        await page.getByRole('button', {name: 'Add'}).click();
      }
      await page.locator(`.bar.missed[aria-label^="${WORD}"]`).waitFor();
      await page.getByRole('slider', {name: 'Steps'}).fill('0');
      await page.getByLabel('Learning rate').selectOption('0.005');
      await page.getByRole('button', {name: 'Train', exact: true}).click();
      await page.waitForFunction(
        () => (document.querySelector<HTMLProgressElement>('.teach progress')?.value ?? 0) >= 1,
      );
      assert.ok((await longestFrame(page)) < 1000, 'the page froze');
      await keepPicture(page, `${backend}-training`);
      await page.getByText('Done: 10 steps.').waitFor();
      await page.locator(`.bar[aria-label^="${SPAN}"]`).waitFor();
      const [before, after] = await page.locator('.teach tbody tr:first-child td').allTextContents();
      assert.ok(Number.parseFloat(before) < Number.parseFloat(after), `F1 ${before} → ${after}`);
      await page.getByText('Your model is kept in this browser').waitFor();
      await keepPicture(page, `${backend}-trained`);
    });

    test('shows the scores of what it learned', async () => {
      await page.getByRole('tab', {name: type}).click();
      await page.locator(`.maps [role=img][aria-label*="as ${type}"][aria-label*="${WORD} ("] svg`).waitFor();
    });

    test('stops when asked', async () => {
      await page.getByRole('slider', {name: 'Steps'}).fill('9');
      await page.getByRole('button', {name: 'Train', exact: true}).click();
      await page.locator('.teach progress:not([value="0"])').waitFor();
      await page.getByRole('button', {name: 'Stop'}).click();
      await page.getByText(/^Stopped after \d+ steps?\./).waitFor();
    });

    test('loses the device while it learns: says so, is as it was before, and learns when asked again', async () => {
      await page.reload(); // a device that is lost twice in a row is not tried again
      await tagged(page);
      await page.locator('textarea').fill(SENTENCE);
      await page.locator(`.bar[aria-label^="${SPAN}"]`).waitFor();
      const before = await scores(page);
      await page.getByRole('slider', {name: 'Steps'}).fill('9');
      await page.getByLabel('Learning rate').selectOption('0.005');
      await page.getByRole('button', {name: 'Train', exact: true}).click();
      await page.waitForFunction(
        () => (document.querySelector<HTMLProgressElement>('.teach progress')?.value ?? 0) >= 2,
      );
      await loseDevice(page);
      await page.getByText('The training that was running is lost. The model is as it was').waitFor();
      await page.getByText('The model runs again').waitFor();
      await page.locator(`.bar[aria-label^="${SPAN}"]`).waitFor();
      assert.deepEqual(await scores(page), before);
      assert.equal(await page.locator('#backend').inputValue(), backend);
      assert.equal(await page.locator('textarea').inputValue(), SENTENCE);
      assert.equal(await page.locator('.examples li').count(), 1);
      assert.equal(await page.locator('.teach tbody').count(), 0);
      assert.equal(await page.getByText(/^That did not work/).count(), 0);
      await page.waitForTimeout(1000);
      await page.getByText('The training that was running is lost').waitFor();
      await keepPicture(page, `${backend}-lost-in-training`);
      await page.getByRole('slider', {name: 'Steps'}).fill('0');
      await page.getByRole('button', {name: 'Train', exact: true}).click();
      await page.getByText('Done: 10 steps.').waitFor();
      assert.equal(await page.getByText('The training that was running is lost').count(), 0);
    });

    test('exports the model, and goes on with it after a reload', async () => {
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', {name: 'Export'}).click(),
      ]);
      archive = await download.path();
      const files = unzipSync(readFileSync(archive));
      assert.deepEqual(Object.keys(files).sort(), ['model.json', 'recogniser.json', 'weights.bin']);
      await page.reload();
      await tagged(page);
      await page.locator('textarea').fill(SENTENCE);
      await page.locator(`.bar[aria-label^="${SPAN}"]`).waitFor();
      await page.getByRole('button', {name: 'Back to the original'}).click();
      await page.locator('.bar.missed').waitFor();
    });

    test('imports what was exported', async () => {
      await page.getByLabel('Import').setInputFiles(archive);
      await page.locator(`.bar[aria-label^="${SPAN}"]`).waitFor();
      await page.getByText('The imported model runs.').waitFor();
    });

    test('says what is wrong with a file that is no model', async () => {
      const file = {name: 'model.json', mimeType: 'application/json', buffer: Buffer.from('{')};
      await page.getByLabel('Import').setInputFiles(file);
      await page.getByText('That did not work: model.json is not JSON').waitFor();
    });

    test('starts a lost device again, with the model as it was kept', async () => {
      await loseDevice(page);
      await page.getByText('The GPU device was lost').waitFor();
      await page.getByText('The model runs again').waitFor();
      await page.locator(`.bar[aria-label^="${SPAN}"]`).waitFor();
      await page.locator('textarea').fill('Sofia Langford was born in Norwell.');
      await page.locator('.bar[aria-label^="Norwell: place"]').waitFor();
      await keepPicture(page, `${backend}-recovered`);
    });

    test('logged no error, and asked no other host', () => {
      assert.deepEqual(opened.troubles, []);
    });
  });
}

test('without WebGPU: runs on WebGL and says what to do', {timeout: 10 * PATIENCE}, async () => {
  const plain = await Demo.start([
    '--enable-unsafe-webgpu',
    '--use-webgpu-adapter=swiftshader',
    '--enable-features=Vulkan',
  ]);
  try {
    const {page, troubles} = await plain.open();
    await tagged(page);
    const notice = (await page.locator('.notice.fallback').textContent()) ?? '';
    assert.match(notice, /runs on WebGL\. .*WebGPU.*Chrome or Edge 113/);
    await keepPicture(page, 'without-webgpu');
    assert.deepEqual(troubles, []);
  } finally {
    await plain.close();
  }
});

test('leaves alone what is gone before it can be drawn', {timeout: 10 * PATIENCE}, async () => {
  const {page, troubles, close} = await demo.open({query: '?backend=webgl'});
  let deliver = () => {};
  const asked = new Promise<void>(resolve => {
    void page.route(PLOT, route => {
      deliver = () => void route.continue();
      resolve();
    });
  });
  try {
    await page.locator('.maps .figure').waitFor({state: 'attached'});
    await asked;
    // The effects of what is gone are cleaned up late, as on a busy machine.
    await page.evaluate(`{
      const later = setTimeout;
      window.setTimeout = (callback, time = 0) => later(callback, time + 3000);
      window.requestAnimationFrame = () => 0;
      [...document.querySelectorAll('.maps [role=tab]')].at(-1).click();
    }`);
    deliver();
    await page.locator('.maps [role=img][aria-label*="unit 2"] svg').waitFor();
    assert.deepEqual(troubles, []);
  } finally {
    await close();
  }
});

/** Takes the GPU device of the engine away. */
async function loseDevice(page: Page): Promise<void> {
  const workers = page.workers();
  await workers[workers.length - 1].evaluate(() => (self as unknown as {loseDevice(): void}).loseDevice());
}

/** The scores of all spans of `SENTENCE` under the type that is shown, as they are drawn. */
async function scores(page: Page): Promise<string[]> {
  const drawing = page.locator('.maps svg', {hasText: WORD});
  await drawing.waitFor();
  return drawing.locator('rect').evaluateAll(cells => cells.map(cell => cell.getAttribute('fill-opacity') ?? ''));
}

/** The longest time between two frames, in the next second. As text: tsx would name inner functions by a helper of its own. */
const longestFrame = (page: Page): Promise<number> =>
  page.evaluate(`new Promise(resolve => {
    const end = performance.now() + 1000;
    let [last, longest] = [performance.now(), 0];
    requestAnimationFrame(function frame() {
      const now = performance.now();
      longest = Math.max(longest, now - last);
      last = now;
      if (now < end) requestAnimationFrame(frame);
      else resolve(longest);
    });
  })`);
