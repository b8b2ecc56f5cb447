import type * as tf from '@tensorflow/tfjs';
import type {Sentence} from 'entity-recogniser-example/src/data/sentence.ts';
import {generate} from 'entity-recogniser-example/src/generate/generate.ts';
import {PRESETS} from 'entity-recogniser-example/src/presets.ts';
import {Random} from 'entity-recogniser-example/src/random.ts';
import type {Recogniser} from 'entity-recogniser-example/src/recogniser.ts';
import {disposeAll, featureTensors, labelTensor} from 'entity-recogniser-example/src/text/batch_tensors.ts';
import {paddedLength} from 'entity-recogniser-example/src/text/batches.ts';
import type {EncodedSentence} from 'entity-recogniser-example/src/text/encoder.ts';
import {hideValues} from 'entity-recogniser-example/src/text/hiding.ts';
import {makeOptimizer} from 'entity-recogniser-example/src/training/optimizer.ts';
import * as tfa from 'tfjs-addons';

import type {Loaded} from './model_files.ts';
import type {Example, Quality, TrainOptions, TrainReport} from './protocol.ts';
import type {Turns} from './turns.ts';

/** Of each kind in a batch: the visitor's sentences, and generated ones, so that the model does not forget. */
const EXAMPLES = 4;
const REPLAYED = 4;

/** Other text than the model was trained on. */
const TEXT = {seed: 2024, train: 400, dev: 40, test: 1};

/** Trains a recogniser further on a few sentences. What fails leaves it as it was. */
export class Trainer {
  private stopping = false;
  private readonly text = generate(TEXT);

  constructor(
    private readonly loaded: Loaded,
    private readonly turns: Turns,
  ) {}

  /** Ends the training after the running step. */
  stop(): void {
    this.stopping = true;
  }

  /** @param onStep Called after each step with its loss; other work of the worker is done between steps. */
  async train(
    examples: readonly Example[],
    {steps, learningRate}: TrainOptions,
    onStep: (step: number, loss: number) => void,
  ): Promise<TrainReport> {
    this.stopping = false;
    const {recogniser} = this.loaded;
    const before = await this.quality(examples);
    const model = compile(recogniser, steps, learningRate);
    const own = examples.map(example => recogniser.encoder.encode(example));
    const replay = this.text.train.map(sentence => recogniser.encoder.encode(sentence));
    const kept = model.getWeights().map(weight => weight.clone());
    let step = 0;
    try {
      while (step < steps && !this.stopping) {
        const random = new Random(TEXT.seed, step);
        const batch = [...draw(own, EXAMPLES, random), ...this.hidden(draw(replay, REPLAYED, random), random)];
        onStep(++step, await this.turns.take(() => trainOn(model, recogniser, batch)));
        await nextTask();
      }
    } catch (error) {
      model.setWeights(kept);
      throw error;
    } finally {
      disposeAll(kept);
      model.optimizer.dispose();
    }
    return {steps: step, stopped: step < steps, before, after: await this.quality(examples)};
  }

  private hidden(sentences: EncodedSentence[], random: Random): EncodedSentence[] {
    const {recogniser, description} = this.loaded;
    return sentences.map(sentence => hideValues(sentence, recogniser.encoder.tables, description.run, random));
  }

  private async quality(examples: readonly Example[]): Promise<Quality> {
    const f1 = async (sentences: readonly Sentence[]): Promise<number> =>
      (await this.turns.take(() => this.loaded.recogniser.evaluate(sentences))).all.f1;
    return {examples: await f1(examples), heldOut: await f1(this.text.dev)};
  }
}

/** The model with an optimizer that warms up, and falls to 0 at the last step. */
function compile({trainingModel}: Recogniser, steps: number, learningRate: number): tf.LayersModel {
  trainingModel.compile({
    optimizer: makeOptimizer({...PRESETS.generated, learningRate, clip: 1}, steps),
    loss: tfa.losses.sparseGlobalPointerCrossentropyLoss({maskZero: false}),
  });
  return trainingModel;
}

async function trainOn(model: tf.LayersModel, {encoder}: Recogniser, batch: EncodedSentence[]): Promise<number> {
  const all = {indices: [...batch.keys()], length: paddedLength(Math.max(...batch.map(({length}) => length)))};
  const inputs = featureTensors(batch, all, encoder.features);
  const targets = labelTensor(batch, all, encoder.types.length);
  const [loss] = [await model.trainOnBatch(inputs, targets)].flat() as number[];
  disposeAll([...inputs, targets]);
  if (!Number.isFinite(loss)) throw new Error(`the loss became ${loss}; try a lower learning rate`);
  return loss;
}

const draw = (sentences: EncodedSentence[], count: number, random: Random): EncodedSentence[] =>
  sentences.length <= count ? sentences : random.shuffle(sentences).slice(0, count);

/** Lets messages of the page in. */
const nextTask = (): Promise<void> => new Promise(resolve => setTimeout(resolve));
