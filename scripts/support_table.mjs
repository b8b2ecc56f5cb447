/**
 * Writes docs/support.md, what is supported on which backend, from the reports of a test run:
 *
 *   npm test -- --require all --reports .cache/reports && node scripts/support_table.mjs .cache/reports
 *
 * With --check it compares instead, and exits with 1 when the page says something else. An export is supported on a
 * backend when the shared suite of its kind passed there, whole.
 */
import {existsSync, readFileSync, writeFileSync} from 'node:fs';
import {dirname, join, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';

import {BACKENDS} from './backends.mjs';

const KINDS = [
  ['Layers', 'test/layers/suite.test.ts'],
  ['Optimizers', 'test/optimizers/suite.test.ts'],
  ['Losses', 'test/losses/suite.test.ts'],
  ['Functions', 'test/ops/suite.test.ts'],
];

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const page = join(root, 'docs/support.md');
const [folder] = process.argv.slice(2).filter(argument => !argument.startsWith('--'));
const check = process.argv.includes('--check');

if (folder === undefined) {
  console.error('usage: node scripts/support_table.mjs REPORTS [--check]');
  process.exit(2);
}
const text = write(BACKENDS.map(({name}) => ({name, outcomes: outcomesOf(name)})));
if (!check) writeFileSync(page, text);
else if (!existsSync(page) || readFileSync(page, 'utf8') !== text) {
  console.error('docs/support.md is not what the tests found: run scripts/support_table.mjs without --check.');
  process.exit(1);
}

/** Kind → export → whether its suite passed, on one backend; `undefined` when it did not run. */
function outcomesOf(backend) {
  const report = join(folder, `${backend}.json`);
  if (!existsSync(report)) return undefined;
  const {testResults} = JSON.parse(readFileSync(report, 'utf8'));
  return new Map(
    KINDS.map(([kind, path]) => {
      const outcomes = new Map();
      const file = testResults.find(({name}) => name.endsWith(path));
      for (const {ancestorTitles, status} of file?.assertionResults ?? []) {
        const title = ancestorTitles.at(-1);
        if (title === undefined || title.startsWith('every ')) continue;
        const name = title.replace(/\(.*$/, '').trim();
        outcomes.set(name, (outcomes.get(name) ?? true) && status !== 'failed');
      }
      return [kind, outcomes];
    }),
  );
}

function write(backends) {
  const lines = [
    '# What is supported on which backend',
    '',
    'Written by the tests (`scripts/support_table.mjs`). ✓: the whole suite of its kind passed there, forward and backward,',
    'saving, masks, leaks and errors. `webgpu` is Dawn in Node; the Chromium columns are a real browser. Everything here ran',
    'on software devices (SwiftShader) and two cores. An empty cell was not run for this page.',
  ];
  for (const [kind] of KINDS) {
    const names = new Set(backends.flatMap(({outcomes}) => [...(outcomes?.get(kind).keys() ?? [])]));
    lines.push(
      '',
      `| ${kind} | ${backends.map(({name}) => name).join(' | ')} |`,
      `|---${'|:-:'.repeat(backends.length)}|`,
    );
    for (const name of [...names].sort()) {
      const cells = backends.map(({outcomes}) => ({true: '✓', false: '✗'})[outcomes?.get(kind).get(name)] ?? '');
      lines.push(`| \`${name}\` | ${cells.join(' | ')} |`);
    }
  }
  return `${lines.join('\n')}\n`;
}
