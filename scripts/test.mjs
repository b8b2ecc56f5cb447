/**
 * Runs the tests once on each backend. `npm test -- --help` lists the options.
 *
 * Tests of the repository and of Node-only code (test/repo, test/node) depend on no backend and run once.
 * The last line is `N passed, N failed`, over all backends; the exit code is 1 when anything failed.
 */
import {spawn} from 'node:child_process';
import {mkdirSync, mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {availableParallelism, tmpdir} from 'node:os';
import {dirname, join, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';

import {BACKENDS, probe, QUIET} from './backends.mjs';

const HELP = `npm test -- [--backends NAMES] [--require NAMES|all] [jest options] [file patterns]

  --backends NAMES   run on these only: ${BACKENDS.map(({name}) => name).join(', ')}
  --require NAMES    count a backend that is not available here as a failure; all: every one
  --reports FOLDER   keep jest's report of each backend there, as NAME.json
  Everything else goes to jest:  npm test -- --backends cpu,wasm layers -t 'mask'`;

const SILENCE = 600_000;
const NODE_ONLY = 'test/(repo|node)/|\\.node\\.test\\.ts$';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const {backends, required, kept, jestArguments} = readArguments(process.argv.slice(2));
const reports = kept ?? mkdtempSync(join(tmpdir(), 'tfjs-addons-test-'));
if (kept === undefined) process.on('exit', () => rmSync(reports, {recursive: true, force: true}));
else mkdirSync(reports, {recursive: true});
const probed = await Promise.all(backends.map(async backend => ({...backend, ...(await probe(backend))})));
const available = probed.filter(({reason}) => reason === undefined);
const missing = probed.filter(({reason}) => reason !== undefined);
announce();

const nodeOnlyOn = ['cpu', 'wasm', 'tensorflow', 'webgpu'].find(name =>
  available.some(backend => backend.name === name),
);
const lanes = Math.max(1, Math.min(availableParallelism(), available.length));
const workers = Math.max(1, Math.floor(availableParallelism() / lanes));
const results = await runAll();
summarise();

/** Splits our options from jest's. */
function readArguments(args) {
  const names = BACKENDS.map(({name}) => name);
  const list = (option, value = '') => {
    const chosen = value === 'all' ? names : value.split(',').filter(Boolean);
    const unknown = chosen.filter(name => !names.includes(name));
    if (chosen.length > 0 && unknown.length === 0) return chosen;
    console.error(`${option}: expected names out of ${names.join(', ')}, received ${unknown.join(', ') || 'nothing'}.`);
    process.exit(2);
  };
  const taken = {'--backends': names, '--require': []};
  const rest = [];
  let kept;
  for (let i = 0; i < args.length; i++) {
    const [option, value] = args[i].split('=');
    if (option === '--help') {
      console.log(HELP);
      process.exit(0);
    }
    if (option === '--reports') kept = resolve(value ?? args[++i] ?? '.');
    else if (option in taken) taken[option] = list(option, value ?? args[++i]);
    else rest.push(args[i]);
  }
  const wanted = new Set([...taken['--backends'], ...taken['--require']]);
  return {
    backends: BACKENDS.filter(({name}) => wanted.has(name)),
    required: new Set(taken['--require']),
    kept,
    jestArguments: rest,
  };
}

function announce() {
  for (const {name, device} of available) console.log(`  ${name.padEnd(16)} ${device}`);
  for (const {name, reason, remedy} of missing) {
    console.log(`  ${name.padEnd(16)} not available: ${reason}`);
    console.log(`  ${''.padEnd(16)} to run it: ${remedy}`);
  }
  console.log();
}

/** Every available backend, several at once where there are processors for it. */
async function runAll() {
  const queue = [...available];
  const results = [];
  const lane = async () => {
    for (let backend = queue.shift(); backend !== undefined; backend = queue.shift()) results.push(await run(backend));
  };
  await Promise.all(Array.from({length: lanes}, lane));
  return BACKENDS.flatMap(({name}) => results.filter(result => result.name === name));
}

/** One jest run. With others beside it its output is kept, and shown whole if it fails. */
async function run({name, env}) {
  const start = Date.now();
  const report = join(reports, `${name}.json`);
  const args = [
    '--no-deprecation', // of Node's modules, by tfjs's dependencies
    join(root, 'node_modules/jest/bin/jest.js'),
    ...jestArguments, // first: a list option before them would take file patterns for more of its values
    '--json',
    `--outputFile=${report}`,
    '--reporters=default',
    '--passWithNoTests',
    `--maxWorkers=${workers}`,
    ...(name === nodeOnlyOn ? [] : [`--testPathIgnorePatterns=${NODE_ONLY}`]),
  ];
  const alone = available.length === 1;
  if (!alone) console.log(`${name}: started`);
  const {code, output} = await runJest(args, {...process.env, ...QUIET, ...env, TFJS_BACKEND: name}, alone);
  const counts = countResults(report, code);
  const seconds = Math.round((Date.now() - start) / 1000);
  if (!alone && counts.failed > 0) console.log(`\n${'─'.repeat(20)} ${name} ${'─'.repeat(20)}\n${output.trim()}\n`);
  if (!alone) console.log(`${name}: ${counts.failed > 0 ? 'FAILED' : 'passed'} after ${seconds} s`);
  return {name, ...counts, seconds};
}

/** jest reports to stderr, a line for each file that ended; its own timeouts cannot end a loop that never returns. */
function runJest(args, env, show) {
  return new Promise(done => {
    if (process.stdout.isTTY) env.FORCE_COLOR ??= '1';
    const child = spawn(process.execPath, args, {cwd: root, env, stdio: ['ignore', 'ignore', 'pipe']});
    let output = '';
    const report = data => {
      const text = String(data).replace(/^Test results written to: .*\n/m, '');
      output += text;
      if (show) process.stdout.write(text);
    };
    const silent = setTimeout(() => {
      report(`no test file ended for ${SILENCE / 1000} s\n`);
      child.kill('SIGKILL');
    }, SILENCE);
    child.stderr.on('data', data => {
      silent.refresh();
      report(data);
    });
    child.on('close', code => {
      clearTimeout(silent);
      done({code, output});
    });
  });
}

/** A file that did not run, and a jest that ended without a report, count as one failed test. */
function countResults(report, code) {
  let result;
  try {
    result = JSON.parse(readFileSync(report, 'utf8'));
  } catch {
    return {passed: 0, failed: 1, skipped: 0};
  }
  const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
  return {
    passed: result.numPassedTests,
    failed: failed === 0 && code !== 0 ? 1 : failed,
    skipped: result.numPendingTests + result.numTodoTests,
  };
}

function summarise() {
  console.log(
    `\n${'backend'.padEnd(18)}${['passed', 'failed', 'skipped', 'seconds'].map(head => head.padStart(9)).join('')}`,
  );
  for (const {name, passed, failed, skipped, seconds} of results) {
    console.log(name.padEnd(18) + [passed, failed, skipped, seconds].map(value => String(value).padStart(9)).join(''));
  }
  for (const {name} of missing) console.log(`${name.padEnd(18)}  not run${required.has(name) ? ', but required' : ''}`);
  const sum = key => results.reduce((total, result) => total + result[key], 0);
  const failed = sum('failed') + missing.filter(({name}) => required.has(name)).length;
  const none = sum('passed') + failed === 0;
  if (none) console.log('\nno test matches');
  console.log(`\n${sum('passed')} passed, ${failed} failed`);
  process.exitCode = failed > 0 || none ? 1 : 0;
}
