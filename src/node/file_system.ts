import {io} from '@tensorflow/tfjs-core';

import {check} from '../internal/check.js';
import {builtinModule} from './builtin_module.js';

const MODEL_FILE = 'model.json';
const WEIGHTS_FILE = /^weights-([0-9a-f]{16})\.bin$/;

interface ModelJson extends io.ModelJSON {
  weightsManifest: io.WeightsManifestConfig;
}

/**
 * A handler that saves models to a folder and loads them from it, in Node, with every backend and without
 * `@tensorflow/tfjs-node`. `saveModel` and `loadModel` use it for `file://` URLs.
 *
 * A folder holds `model.json` and `weights-<hash>.bin`, in the format of tfjs, which `tf.loadLayersModel` and tfjs-node
 * read as well. The weights are written first, under a name of their own; then `model.json`, which names them, is
 * replaced in one step; then the weights of the last save are removed. So a save that fails or is killed leaves the
 * last one intact. Other files of the folder are not touched.
 *
 * @param path A folder, which is made where it is missing, or for loading the path of a `model.json`; both may start
 *   with `file://`.
 * @throws RangeError when loading files that are missing, are no JSON, or do not match the hash.
 *
 * ```ts
 * import {fileSystem} from 'tfjs-addons/node';
 *
 * const model = tf.sequential({layers: [tf.layers.dense({units: 1, inputShape: [2]})]});
 * await model.save(fileSystem('my-model'));
 * const again = await tf.loadLayersModel(fileSystem('my-model'));
 * ```
 */
export function fileSystem(path: string): io.IOHandler {
  const location = toPath(path);
  return {save: artifacts => save(location, artifacts), load: () => load(location)};
}

/** tfjs writes `file://` before relative paths as well, so this is no URL in the strict sense. */
function toPath(path: string): string {
  check(typeof path === 'string' && path !== '', 'fileSystem', 'the path of a folder', path);
  const bare = path.startsWith('file://') ? path.slice('file://'.length) : path;
  return /^\/[A-Za-z]:/.test(bare) ? bare.slice(1) : bare;
}

async function save(folder: string, artifacts: io.ModelArtifacts): Promise<io.SaveResult> {
  const fs = await builtinModule('node:fs/promises', 'fileSystem');
  const {join} = await builtinModule('node:path', 'fileSystem');
  const ok = !(artifacts.modelTopology instanceof ArrayBuffer);
  check(ok, 'fileSystem', 'a topology that is JSON', artifacts.modelTopology);

  const weights = new Uint8Array(io.CompositeArrayBuffer.join(artifacts.weightData));
  const weightsFile = `weights-${await digest(weights)}.bin`;
  const {weightSpecs = [], weightData: _, ...rest} = artifacts;
  const model = JSON.stringify({...rest, weightsManifest: [{paths: [weightsFile], weights: weightSpecs}]});

  await fs.mkdir(folder, {recursive: true});
  const previous = (await previousWeights(folder)).filter(file => file !== weightsFile);
  await replaceFile(join(folder, weightsFile), weights);
  await replaceFile(join(folder, MODEL_FILE), new TextEncoder().encode(model));
  await Promise.all(previous.map(file => fs.rm(join(folder, file), {force: true})));
  return {modelArtifactsInfo: io.getModelArtifactsInfoForJSON(artifacts)};
}

/** The weights that the last save of this handler wrote; nothing where `model.json` is missing or unreadable. */
async function previousWeights(folder: string): Promise<string[]> {
  const fs = await builtinModule('node:fs/promises', 'fileSystem');
  const {join} = await builtinModule('node:path', 'fileSystem');
  try {
    const {weightsManifest} = JSON.parse(await fs.readFile(join(folder, MODEL_FILE), 'utf8')) as ModelJson;
    return weightsManifest.flatMap(({paths}) => paths).filter(file => WEIGHTS_FILE.test(file));
  } catch {
    return [];
  }
}

/** Writes beside the file, to the disk, and renames: the name always belongs to a complete file. */
async function replaceFile(file: string, content: Uint8Array): Promise<void> {
  const fs = await builtinModule('node:fs/promises', 'fileSystem');
  const {randomUUID} = await builtinModule('node:crypto', 'fileSystem');
  const draft = `${file}.${randomUUID()}.tmp`;
  try {
    await fs.writeFile(draft, content, {flush: true});
    await fs.rename(draft, file);
  } catch (error) {
    await fs.rm(draft, {force: true});
    throw error;
  }
}

async function load(location: string): Promise<io.ModelArtifacts> {
  const fs = await builtinModule('node:fs/promises', 'fileSystem');
  const {dirname, join} = await builtinModule('node:path', 'fileSystem');
  const file = location.endsWith('.json') ? location : join(location, MODEL_FILE);
  const model = parse(new TextDecoder().decode(await readExisting(file)), file);
  return io.getModelArtifactsForJSON(model, async manifest => {
    const paths = manifest.flatMap(group => group.paths);
    const parts = await Promise.all(paths.map(path => readExisting(join(dirname(file), path))));
    for (const [i, part] of parts.entries()) await checkDigest(part, paths[i]);
    return [manifest.flatMap(group => group.weights), joinParts(parts)];
  });

  async function readExisting(path: string): Promise<Uint8Array> {
    const content = await fs.readFile(path).catch((error: NodeJS.ErrnoException) => {
      check(error.code !== 'ENOENT', 'fileSystem', 'a saved model', path, 'There is no such file.');
      throw error;
    });
    return content;
  }
}

function parse(json: string, file: string): ModelJson {
  try {
    return JSON.parse(json) as ModelJson;
  } catch (error) {
    throw new RangeError(`fileSystem: expected ${file} to be JSON: ${(error as Error).message}`);
  }
}

function joinParts(parts: Uint8Array[]): ArrayBuffer {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined.buffer;
}

async function checkDigest(content: Uint8Array, file: string): Promise<void> {
  const [, expected] = WEIGHTS_FILE.exec(file) ?? [];
  if (expected === undefined) return;
  const received = await digest(content);
  check(received === expected, 'fileSystem', `${file} to have the hash in its name`, received, 'The file is damaged.');
}

async function digest(content: Uint8Array): Promise<string> {
  const {createHash} = await builtinModule('node:crypto', 'fileSystem');
  return createHash('sha256').update(content).digest('hex').slice(0, 16);
}
