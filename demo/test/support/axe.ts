import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';

import type {Page} from 'playwright-core';

const SOURCE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Result {
  id: string;
  nodes: {html: string; failureSummary: string}[];
}

interface Axe {
  run(context: string): Promise<{violations: Result[]}>;
}

/** What axe-core finds wrong with a part of the page, by WCAG 2 A and AA and its best practices, in a line each. */
export async function violations(page: Page, part = 'html'): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(SOURCE);
  return page.evaluate(async part => {
    const {axe} = globalThis as unknown as {axe: Axe};
    return (await axe.run(part)).violations.flatMap(({id, nodes}) =>
      nodes.map(({html, failureSummary}) => `${id}: ${html} ${failureSummary}`),
    );
  }, part);
}
