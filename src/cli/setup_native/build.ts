/// <reference types="node" />
import {execFileSync} from 'node:child_process';
import {copyFileSync, existsSync, linkSync, mkdirSync, readdirSync, symlinkSync} from 'node:fs';
import {createRequire} from 'node:module';
import {dirname, join} from 'node:path';

import {SetupError} from './setup_error.js';

/** The names that the addon's build links against, and those that it loads. */
const LIBRARIES = {
  'libtensorflow.so': 'libtensorflow_cc.so.2',
  'libtensorflow_cc.so.2': 'libtensorflow_cc.so.2',
  'libtensorflow_framework.so': 'libtensorflow_framework.so.2',
  'libtensorflow_framework.so.2': 'libtensorflow_framework.so.2',
};

/**
 * Fills `deps` of a tfjs-node as its build expects it. The CUDA libraries go where TensorFlow's look for them,
 * `../nvidia` beside their own folder.
 */
export function layOut(packageFolder: string, tensorflow: string, cuda: string | undefined): void {
  const deps = join(packageFolder, 'deps');
  mkdirSync(join(deps, 'lib'), {recursive: true});
  const unpacked = join(tensorflow, 'tensorflow');
  for (const library of new Set(Object.values(LIBRARIES))) place(join(unpacked, library), join(deps, 'lib', library));
  for (const [link, library] of Object.entries(LIBRARIES)) {
    if (link !== library) symlinkSync(library, join(deps, 'lib', link));
  }
  placeAll(join(unpacked, 'include'), join(deps, 'include'));
  if (cuda !== undefined) placeAll(join(cuda, 'nvidia'), join(deps, 'nvidia'));
}

function placeAll(from: string, to: string): void {
  mkdirSync(to, {recursive: true});
  for (const entry of readdirSync(from, {withFileTypes: true})) {
    const put = entry.isDirectory() ? placeAll : place;
    put(join(from, entry.name), join(to, entry.name));
  }
}

/** The same file under two names where the file system allows it: a gigabyte is not copied. */
function place(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}

/** Compiles the addon with the node-pre-gyp that tfjs-node depends on. */
export function compile(packageFolder: string): void {
  const find = createRequire(join(packageFolder, 'package.json'));
  const nodePreGyp = find.resolve('@mapbox/node-pre-gyp/bin/node-pre-gyp');
  const bundled = join(
    dirname(dirname(process.execPath)),
    'lib/node_modules/npm/node_modules/node-gyp/bin/node-gyp.js',
  );
  const nodeGyp = process.env.npm_config_node_gyp ?? (existsSync(bundled) ? bundled : undefined);
  try {
    execFileSync(process.execPath, [nodePreGyp, 'install', '--build-from-source', ...headerOptions()], {
      cwd: packageFolder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {...process.env, ...(nodeGyp === undefined ? {} : {npm_config_node_gyp: nodeGyp})},
      maxBuffer: 2 ** 28,
    });
  } catch (error) {
    const {stdout = '', stderr = ''} = error as {stdout?: Buffer; stderr?: Buffer};
    throw new SetupError(
      `the addon does not compile:\n${`${stdout}${stderr}`.split('\n').slice(-30).join('\n')}`,
      'It takes a C++17 compiler, make and the headers of Node.',
    );
  }
}

/**
 * Options of node-gyp for the headers of this Node, where they lie beside it: else it downloads them from nodejs.org.
 */
function headerOptions(): string[] {
  const prefix = dirname(dirname(process.execPath));
  return existsSync(join(prefix, 'include/node/node_api.h')) ? [`--nodedir=${prefix}`] : [];
}
