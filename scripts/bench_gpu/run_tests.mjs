/** Runs every test file in a process of its own; the last line is `N passed, N failed`. */
import {spawn} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const files = JSON.parse(readFileSync(join(here, 'tests/files.json'), 'utf8'));
const pattern = new RegExp(process.argv[2] ?? '');
const total = {passed: 0, failed: 0};

const float16 = await hasFloat16();
if (!float16) console.log('The device has no shader-f16: webgpu_device/float16 is left out.');
const chosen = files.filter(
  modules => pattern.test(modules.at(-1)) && (float16 || !/webgpu_device\/float16/.test(modules.at(-1))),
);

for (const modules of chosen) {
  const {passed = 0, failed = 1, messages = ['it ended without a report']} = await run(modules);
  total.passed += passed;
  total.failed += failed;
  console.log(`${modules.at(-1)}: ${passed} passed, ${failed} failed`);
  for (const message of messages) console.log(`  ${message}`);
}
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed > 0 ? 1 : 0);

async function hasFloat16() {
  const {create} = createRequire(import.meta.url)('./dawn.node');
  const adapter = await create((process.env.DAWN_OPTIONS ?? '').split(' ').filter(Boolean)).requestAdapter();
  return adapter?.features.has('shader-f16') ?? false;
}

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
