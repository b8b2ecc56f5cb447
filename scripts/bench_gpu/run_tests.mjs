/** Runs every test file in a process of its own; the last line is `N passed, N failed`. */
import {spawn} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const files = JSON.parse(readFileSync(join(here, 'tests/files.json'), 'utf8'));
const pattern = new RegExp(process.argv[2] ?? '');
const total = {passed: 0, failed: 0};

for (const modules of files.filter(modules => pattern.test(modules.at(-1)))) {
  const {passed = 0, failed = 1, messages = ['it ended without a report']} = await run(modules);
  total.passed += passed;
  total.failed += failed;
  console.log(`${modules.at(-1)}: ${passed} passed, ${failed} failed`);
  for (const message of messages) console.log(`  ${message}`);
}
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed > 0 ? 1 : 0);

function run(modules) {
  return new Promise(resolve => {
    const options = {cwd: here, stdio: ['ignore', 'inherit', 'inherit', 'ipc']};
    const child = spawn(process.execPath, ['--no-deprecation', 'run_test_file.mjs', ...modules], options);
    let report = {};
    child.on('message', message => {
      report = message;
      child.kill('SIGKILL'); // Dawn keeps its threads
    });
    child.on('exit', () => resolve(report));
  });
}
