import * as tf from '@tensorflow/tfjs';
import type {TokenKind} from 'entity-recogniser-example/src/data/sentence.ts';
import {Recogniser} from 'entity-recogniser-example/src/recogniser.ts';
import type {Run} from 'entity-recogniser-example/src/settings.ts';
import {Encoder} from 'entity-recogniser-example/src/text/encoder.ts';
import * as tfa from 'tfjs-addons';

import type {ModelFiles} from './protocol.ts';

const MODEL = 'model.json';
const DESCRIPTION = 'recogniser.json';

/** The part of `recogniser.json` that is read; the rest is kept as it is. */
interface Description {
  run: Pick<Run, 'flat' | 'forget' | 'hideTokens' | 'hideContext'>;
  tokenKind: TokenKind;
  encoder: ReturnType<Encoder['toJSON']>;
}

export interface Loaded {
  recogniser: Recogniser;
  description: Description;
}

/** A recogniser from its files. Throws what is missing or malformed. */
export async function readModelFiles(files: ModelFiles): Promise<Loaded> {
  const {modelTopology, weightsManifest, ...rest} = parse(files, MODEL) as tf.io.ModelJSON;
  const description = parse(files, DESCRIPTION) as Description;
  const weights = weightFilesOf(files[MODEL]).map(name => bytesOf(files, name));
  const encoder = Encoder.fromJSON(description.encoder);
  const model = await tfa.loadModel(
    tf.io.fromMemory({
      ...rest,
      modelTopology,
      weightSpecs: weightsManifest.flatMap(({weights}) => weights),
      weightData: tf.io.CompositeArrayBuffer.join(weights.map(part => part.slice().buffer)),
    }),
    {includeOptimizer: false},
  );
  return {recogniser: new Recogniser(model, encoder, description.tokenKind, description.run.flat), description};
}

/** The files that `readModelFiles` reads, and `npm start -- tag` in Node. */
export async function writeModelFiles({recogniser, description}: Loaded): Promise<ModelFiles> {
  let saved: tf.io.ModelArtifacts | undefined;
  const handler = tf.io.withSaveHandler(async artifacts => {
    saved = artifacts;
    return {modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts)};
  });
  await tfa.saveModel(recogniser.model, handler, {includeOptimizer: false});
  const {weightSpecs, weightData, ...rest} = saved!;
  const weights = new Uint8Array(tf.io.CompositeArrayBuffer.join(weightData));
  const json = {...rest, weightsManifest: [{paths: ['weights.bin'], weights: weightSpecs}]};
  return {
    [MODEL]: encode(json),
    'weights.bin': weights,
    [DESCRIPTION]: encode(description),
  };
}

/** The files of the model that the page was built with. */
export async function fetchModelFiles(folder: string): Promise<ModelFiles> {
  const model = await fetchBytes(folder + MODEL);
  const names = [DESCRIPTION, ...weightFilesOf(model)];
  const others = await Promise.all(names.map(async name => [name, await fetchBytes(folder + name)]));
  return {[MODEL]: model, ...Object.fromEntries(others)};
}

async function fetchBytes(url: string): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status} ${response.statusText}`);
  return new Uint8Array(await response.arrayBuffer());
}

function weightFilesOf(model: Uint8Array<ArrayBuffer>): string[] {
  const {weightsManifest} = parse({[MODEL]: model}, MODEL) as tf.io.ModelJSON;
  if (!Array.isArray(weightsManifest)) throw new Error(`${MODEL} lists no weights`);
  return weightsManifest.flatMap(({paths}) => paths);
}

function bytesOf(files: ModelFiles, name: string): Uint8Array<ArrayBuffer> {
  if (files[name] === undefined) throw new Error(`the file ${name} is missing`);
  return files[name];
}

function parse(files: ModelFiles, name: string): object {
  const text = new TextDecoder().decode(bytesOf(files, name));
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${name} is not JSON: ${(error as Error).message}`);
  }
}

const encode = (value: object): Uint8Array<ArrayBuffer> => new TextEncoder().encode(JSON.stringify(value));
