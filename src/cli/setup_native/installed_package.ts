/// <reference types="node" />
import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {dirname, join} from 'node:path';

import {SetupError} from './setup_error.js';

const NAMES = ['@tensorflow/tfjs-node', '@tensorflow/tfjs-node-gpu'] as const;
export type PackageName = (typeof NAMES)[number];

/** tfjs-node or tfjs-node-gpu, as a project has it. */
export interface InstalledPackage {
  name: PackageName;
  version: string;
  folder: string;
}

/**
 * The package that is to be built: the one that is named, else the only one that is there, else the one of `gpu`.
 *
 * @param project The folder of the user's package.json.
 */
export function installedPackage(project: string, gpu: boolean, wanted?: string): InstalledPackage {
  if (wanted !== undefined && !NAMES.includes(wanted as PackageName)) {
    throw new SetupError(`--package ${wanted} is not known`, `It is one of ${NAMES.join(' and ')}.`);
  }
  const order = wanted !== undefined ? [wanted as PackageName] : gpu ? [...NAMES].reverse() : NAMES;
  const found = order.map(name => find(project, name)).find(entry => entry !== undefined);
  if (found !== undefined) return found;
  throw new SetupError(
    `${order.join(' and ')} ${order.length > 1 ? 'are' : 'is'} not installed in ${project}`,
    `npm install --ignore-scripts ${order[0]}   (its own script would download TensorFlow 2.9)`,
  );
}

function find(project: string, name: PackageName): InstalledPackage | undefined {
  let manifest: string;
  try {
    manifest = createRequire(join(project, 'package.json')).resolve(`${name}/package.json`);
  } catch {
    return undefined;
  }
  const {version} = JSON.parse(readFileSync(manifest, 'utf8')) as {version: string};
  return {name, version, folder: dirname(manifest)};
}
