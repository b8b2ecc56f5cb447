import {existsSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';

import * as tfa from 'tfjs-addons';

import type {TokenKind} from '../data/sentence.js';
import {Recogniser} from '../recogniser.js';
import type {Run} from '../settings.js';
import {Encoder} from '../text/encoder.js';

const DESCRIPTION = 'recogniser.json';

interface Description {
  /** The run that made the model. */
  run: Run;
  tokenKind: TokenKind;
  encoder: ReturnType<Encoder['toJSON']>;
}

/** Writes the model, or with `toTrain` the one that is trained and the state of its training, and what it means. */
export async function saveRecogniser(
  directory: string,
  {model, trainingModel, encoder, tokenKind}: Recogniser,
  run: Run,
  {toTrain = false} = {},
): Promise<void> {
  await tfa.saveModel(toTrain ? trainingModel : model, `file://${directory}`, {includeOptimizer: toTrain});
  const description: Description = {run, tokenKind, encoder: encoder.toJSON()};
  writeFileSync(join(directory, DESCRIPTION), JSON.stringify(description));
}

/**
 * Reads what `saveRecogniser` wrote.
 *
 * @param prepare Called before tensors are made, to start the backend of the run.
 */
export async function loadRecogniser(
  directory: string,
  prepare?: (run: Run) => Promise<void>,
): Promise<{recogniser: Recogniser; run: Run}> {
  const file = join(directory, DESCRIPTION);
  if (!existsSync(file)) throw new Error(`${directory} holds no saved recogniser; train one with: npm start`);
  const {run, tokenKind, encoder} = JSON.parse(readFileSync(file, 'utf8')) as Description;
  await prepare?.(run);
  const model = await tfa.loadModel(`file://${directory}`);
  return {recogniser: new Recogniser(model, Encoder.fromJSON(encoder), tokenKind, run.flat), run};
}
