import {execFile, execFileSync} from 'node:child_process';
import {mkdtemp, readFile, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {promisify} from 'node:util';

import {beforeAll, describe, expect, test} from '@jest/globals';

interface JestReport {
  testResults: {
    name: string;
    message: string;
    assertionResults: {fullName: string; status: string; failureMessages: string[]}[];
  }[];
}

const FIND = `import('./test/browser/chromium.mjs').then(({findChromium}) => console.log(findChromium() ?? ''))`;
const chromium = execFileSync(process.execPath, ['-e', FIND], {encoding: 'utf8'}).trim();

(chromium === '' ? describe.skip : describe)('the Chromium runner', () => {
  let report: JestReport;

  beforeAll(async () => {
    report = await runFixtures();
  }, 120_000);

  const fileOf = (name: string) => report.testResults.find(result => result.name.endsWith(`/${name}.ts`));

  test('reports each test as jest does in Node', () => {
    const statuses = fileOf('outcomes')?.assertionResults.map(({fullName, status}) => [fullName, status]);
    expect(statuses).toEqual([
      ['passes each 1 a', 'passed'],
      ['passes each 2 b', 'passed'],
      ['passes computes on the backend', 'passed'],
      ['passes mocks', 'passed'],
      ['passes reads golden files', 'passed'],
      ['fails assertion', 'failed'],
      ['fails error', 'failed'],
      ['fails assertions missing', 'failed'],
      ['fails console error', 'failed'],
      ['fails stray error', 'failed'],
      ['fails stray rejection', 'failed'],
      ['fails timeout', 'failed'],
      ['skipped', 'pending'],
      ['to do', 'todo'],
    ]);
  });

  test('points at the source', () => {
    const error = fileOf('outcomes')?.assertionResults.find(({fullName}) => fullName === 'fails error');
    expect(error?.failureMessages[0]).toMatch(
      /RangeError: thrown in a test\n +at .*test\/browser\/fixtures\/outcomes\.ts:\d+:\d+/,
    );
  });

  test('fails a file that throws while it loads', () => {
    expect(fileOf('throws_at_load')?.message).toContain('thrown while loading');
  });

  test('fails a file that needs Node, and says where it belongs', () => {
    expect(fileOf('imports_node')?.message).toContain('node:fs is not there in a browser');
  });

  test('fails a file in which the browser reports an error', () => {
    expect(fileOf('missing_file')?.message).toContain('status of 404');
  });

  test('ends a page that never returns', () => {
    expect(fileOf('hangs')?.message).toContain('the page did not answer for 3.001 s in: never returns');
  });
});

/** What jest says of test/browser/fixtures. */
async function runFixtures(): Promise<JestReport> {
  const folder = await mkdtemp(join(tmpdir(), 'tfjs-addons-'));
  const outputFile = join(folder, 'report.json');
  const jest = ['node_modules/jest/bin/jest.js', '-c', 'test/browser/fixtures/jest.config.cjs', '-w', '1'];
  const env = {...process.env, TFJS_BACKEND: 'chromium-webgl', NODE_OPTIONS: ''};
  await promisify(execFile)(process.execPath, [...jest, '--json', `--outputFile=${outputFile}`], {env}).catch(() => {}); // they fail
  const report = JSON.parse(await readFile(outputFile, 'utf8')) as JestReport;
  await rm(folder, {recursive: true});
  return report;
}
