/**
 * Installs `@tensorflow/tfjs-node` and builds it against the current TensorFlow by the package's own
 * `tfjs-addons setup-native`. Nothing is written to package.json or the lock file.
 *
 *   npm run setup:tensorflow               for processors
 *   npm run setup:tensorflow -- --gpu …    `@tensorflow/tfjs-node-gpu` as well, for CUDA 12; options go to setup-native
 */
import {execFileSync} from 'node:child_process';
import {existsSync, readFileSync} from 'node:fs';
import {dirname, join, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';

const TFJS = '4.22.0';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const options = process.argv.slice(2);
const run = (command, ...args) => execFileSync(command, args, {cwd: root, stdio: 'inherit'});
const packages = ['@tensorflow/tfjs-node', ...(options.includes('--gpu') ? ['@tensorflow/tfjs-node-gpu'] : [])];

/** In one go: npm removes what an earlier install without `--save` brought. */
if (!packages.every(isInstalled)) {
  const flags = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund'];
  run('npm', 'install', ...flags, ...packages.map(name => `${name}@${TFJS}`));
}
for (const name of packages) {
  const own = name.endsWith('-gpu') ? options : [];
  run(process.execPath, '--import', 'tsx', 'src/cli/main.ts', 'setup-native', '--package', name, ...own);
}

function isInstalled(name) {
  const manifest = join(root, 'node_modules', name, 'package.json');
  return existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).version === TFJS;
}
