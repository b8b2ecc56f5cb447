/** Whether everybody can use the page: by axe-core, by keyboard, on a phone, light and dark, in both languages. */
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {after, before, test} from 'node:test';

import {unzipSync} from 'fflate';
import type {Locator, Page} from 'playwright-core';

import {violations} from './support/axe.ts';
import {Demo, explore, keepPicture, PATIENCE, select, tagged} from './support/demo_page.ts';

const PHONE = {viewport: {width: 360, height: 740}, hasTouch: true};

let demo: Demo;
before(async () => {
  demo = await Demo.start();
});
after(() => demo.close());

for (const [name, options] of Object.entries({
  'phone-dark-chinese': {...PHONE, colorScheme: 'dark', locale: 'zh-CN'},
  'phone-light-english': {...PHONE, colorScheme: 'light', locale: 'en-GB'},
  'desktop-light-chinese': {colorScheme: 'light', locale: 'zh-CN'},
  'desktop-dark-english': {colorScheme: 'dark', locale: 'en-GB'},
} as const)) {
  test(`${name}: nothing is wider than the screen, and axe finds nothing`, {timeout: 5 * PATIENCE}, async () => {
    const {page, troubles, close} = await demo.open({...options, query: '?backend=wasm'});
    await tagged(page);
    await page.locator('.maps svg').waitFor();
    await explore(page);
    await keepPicture(page, name);
    const width = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.equal(width, 0);
    assert.equal(await page.locator('html').getAttribute('lang'), name.endsWith('chinese') ? 'zh-Hans' : 'en');
    assert.deepEqual(await violations(page), []);
    for (const tab of await page.getByRole('tab').all()) {
      await tab.click();
      const label = (await tab.textContent()) ?? '';
      const isAttention = /\d$/.test(label);
      const shown = isAttention ? (label.match(/\d$/)?.[0] ?? '') : label;
      await page.locator(`.maps [role=img][aria-label*="${shown}"] svg`).waitFor();
      assert.deepEqual(await violations(page, '.maps'), [], label);
    }
    await correctAndFail(page);
    await keepPicture(page, `${name}-corrected`);
    assert.deepEqual(await violations(page), []);
    assert.deepEqual(troubles, []);
    await close();
  });
}

test('with the keyboard alone: types, corrects, trains, exports', {timeout: 5 * PATIENCE}, async () => {
  const {page, troubles, close} = await demo.open({query: '?backend=wasm'});
  const {keyboard} = page;
  const sentence = 'Sofia Langford opened the zebra file in Norwell.';
  await tagged(page);
  await tabTo(page, page.locator('textarea'));
  await keyboard.press('Control+A');
  await keyboard.type(sentence);
  await page.locator('.bar[aria-label^="Sofia Langford: person"]').waitFor();
  await keyboard.press('Control+Home');
  for (let i = 0; i < sentence.indexOf('zebra'); i++) await keyboard.press('ArrowRight');
  for (let i = 0; i < 'zebra'.length; i++) await keyboard.press('Shift+ArrowRight');
  await tabTo(page, page.locator('.bar[aria-label^="Norwell: place"]'));
  assert.match((await page.locator('.details').textContent()) ?? '', /^Norwellplacescore \d/);
  await tabTo(page, page.getByLabel('Another type'));
  await keyboard.type('animal');
  await keyboard.press('Enter');
  await page.locator('.bar.missed[aria-label^="zebra: animal"]').waitFor();
  await tabTo(page, page.getByRole('tab', {selected: true}));
  await keyboard.press('End');
  await page.locator('.maps [role=img][aria-label*="unit 2"] svg').waitFor();
  await tabTo(page, page.getByRole('slider', {name: 'Steps'}));
  await keyboard.press('Home');
  await tabTo(page, page.getByRole('button', {name: 'Train', exact: true}));
  await keyboard.press('Enter');
  await page.getByText('Done: 10 steps.').waitFor();
  assert.deepEqual(await violations(page), []);
  await tabTo(page, page.getByRole('button', {name: 'Export'}));
  const [download] = await Promise.all([page.waitForEvent('download'), keyboard.press('Enter')]);
  const {encoder} = JSON.parse(
    Buffer.from(unzipSync(readFileSync(await download.path()))['recogniser.json']).toString(),
  );
  assert.ok(encoder.types.includes('animal'));
  await tabTo(page, page.getByLabel('Import'));
  await tabTo(page, page.getByRole('slider', {name: 'Head size'}));
  await keyboard.press('ArrowLeft');
  await page.locator('.explorer output', {hasText: /^32$/}).waitFor();
  assert.deepEqual(troubles, []);
  await close();
});

/** Brings up what is not there at first: words to mark, spans that were added and removed, and a notice. */
async function correctAndFail(page: Page): Promise<void> {
  await page.locator('.bar').first().click();
  await page.locator('.details button').click();
  await page.locator('.bar.wrong').first().waitFor();
  await select(page, 'sponsors');
  await page.locator('.new-type input').fill('animal');
  await page.locator('.new-type button').click();
  await page.locator('.bar.missed').waitFor();
  await select(page, 'sponsors');
  const file = {name: 'model.json', mimeType: 'application/json', buffer: Buffer.from('{')};
  await page.locator('input[type=file]').setInputFiles(file);
  await page.locator('.notice.error').waitFor();
}

/** Presses Tab until something has the focus. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let i = 0; i < 100; i++) {
    await page.keyboard.press('Tab');
    if (await target.evaluate(element => element === document.activeElement)) return;
  }
  throw new Error(`the focus never comes to ${target}`);
}
