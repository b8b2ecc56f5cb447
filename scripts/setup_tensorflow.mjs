/**
 * Installs `@tensorflow/tfjs-node` and builds its addon against the current TensorFlow.
 *
 * The package's own install script downloads libtensorflow 2.9 from a storage bucket. This one takes the
 * library from PyPI's `tensorflow-cpu` wheel instead and compiles the addon here (a C++ compiler, Python
 * and Node's headers are needed; about a minute). Nothing is written to package.json or the lock file.
 *
 *   npm run setup:tensorflow
 */
import {execFileSync} from 'node:child_process';
import {existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {dirname, join, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';

const TFJS_NODE = '4.22.0';
const TENSORFLOW = '2.21.0';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const addon = join(root, 'node_modules/@tensorflow/tfjs-node');
const cache = join(root, '.cache', `tensorflow-${TENSORFLOW}`);
const python = process.env.PYTHON ?? 'python3';

const run = (command, args, options = {}) => execFileSync(command, args, {cwd: root, stdio: 'inherit', ...options});

function installPackage() {
  if (existsSync(join(addon, 'package.json')) && version(addon) === TFJS_NODE) return;
  run('npm', [
    'install',
    '--no-save',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    `@tensorflow/tfjs-node@${TFJS_NODE}`,
  ]);
}

const version = folder => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version;

/** Unpacks the shared libraries and C headers of the wheel into the cache, once. */
function fetchTensorflow() {
  if (existsSync(join(cache, 'complete'))) return;
  rmSync(cache, {recursive: true, force: true});
  mkdirSync(cache, {recursive: true});
  run(python, [
    '-m',
    'pip',
    'download',
    '--quiet',
    '--disable-pip-version-check',
    '--no-deps',
    '--only-binary=:all:',
    '--python-version',
    '3.11',
    '--platform',
    'manylinux_2_27_x86_64',
    '--dest',
    cache,
    `tensorflow-cpu==${TENSORFLOW}`,
  ]);
  const wheel = readdirSync(cache).find(file => file.endsWith('.whl'));
  const unpack = [
    'import sys, zipfile',
    'wheel, target = sys.argv[1:]',
    'with zipfile.ZipFile(wheel) as archive:',
    '  for name in archive.namelist():',
    '    if name.startswith("tensorflow/libtensorflow") or name.startswith("tensorflow/include/"): archive.extract(name, target)',
  ].join('\n');
  run(python, ['-c', unpack, join(cache, wheel), cache]);
  rmSync(join(cache, wheel));
  writeFileSync(join(cache, 'complete'), `${TENSORFLOW}\n`);
}

/** Lays the libraries out as the addon's build expects them, and compiles. */
function buildAddon() {
  const deps = join(addon, 'deps');
  const unpacked = join(cache, 'tensorflow');
  rmSync(deps, {recursive: true, force: true});
  mkdirSync(join(deps, 'lib'), {recursive: true});
  symlinkSync(join(unpacked, 'include'), join(deps, 'include'));
  for (const [link, library] of [
    ['libtensorflow.so', 'libtensorflow_cc.so.2'],
    ['libtensorflow_cc.so.2', 'libtensorflow_cc.so.2'],
    ['libtensorflow_framework.so', 'libtensorflow_framework.so.2'],
    ['libtensorflow_framework.so.2', 'libtensorflow_framework.so.2'],
  ]) {
    symlinkSync(join(unpacked, library), join(deps, 'lib', link));
  }
  const nodePreGyp = join(root, 'node_modules/@mapbox/node-pre-gyp/bin/node-pre-gyp');
  const prefix = dirname(dirname(process.execPath));
  const hasHeaders = existsSync(join(prefix, 'include/node/node_api.h')); // else node-gyp downloads them from nodejs.org
  run(
    process.execPath,
    [nodePreGyp, 'install', '--build-from-source', ...(hasHeaders ? [`--nodedir=${prefix}`] : [])],
    {cwd: addon},
  );
}

/** A matrix product and a training step, in a process of their own. */
function smokeTest() {
  const program = `
    const util = require('node:util');
    util.isNullOrUndefined ??= (value) => value === null || value === undefined;
    util.isArray ??= Array.isArray;
    const tf = require('@tensorflow/tfjs-node');
    const x = tf.variable(tf.matMul(tf.ones([8, 8]), tf.ones([8, 8])));
    tf.train.sgd(0.5).minimize(() => tf.mean(tf.square(x)));
    if (tf.getBackend() !== 'tensorflow' || Math.abs(x.arraySync()[0][0] - 7.875) > 1e-6) process.exit(1);
    console.log('tensorflow backend ready: TensorFlow ' + tf.backend().binding.TF_Version);`;
  run(process.execPath, ['-e', program], {env: {...process.env, TF_CPP_MIN_LOG_LEVEL: '2'}});
}

installPackage();
fetchTensorflow();
buildAddon();
smokeTest();
