import * as tf from '@tensorflow/tfjs';
import {featureTensors} from 'entity-recogniser-example/src/text/batch_tensors.ts';
import {makeBatches} from 'entity-recogniser-example/src/text/batches.ts';
import * as tfa from 'tfjs-addons';

import {withTypes} from './added_types.ts';
import {AttentionMaps} from './attention_maps.ts';
import {Device} from './device.ts';
import {explore} from './explorer.ts';
import {LaunchCounter} from './launches.ts';
import {fetchModelFiles, type Loaded, readModelFiles, writeModelFiles} from './model_files.ts';
import type {
  BackendName,
  Distribution,
  Example,
  ExplorerRequest,
  Maps,
  ModelFiles,
  ScoredSpan,
  Started,
  Tagging,
  TrainOptions,
  TrainReport,
} from './protocol.ts';
import {sentencesOf} from './sentences.ts';
import {startBackend} from './start_backend.ts';
import {Trainer} from './trainer.ts';
import {Turns} from './turns.ts';

/** Everything that uses tfjs: it lives in a worker, so that the page never waits for it. */
export class Engine {
  private loaded!: Loaded;
  private attention!: AttentionMaps;
  private trainer!: Trainer;
  private launches!: LaunchCounter;
  private turns!: Turns;
  private running!: Awaited<ReturnType<typeof startBackend>>;

  /**
   * @param files The model, or the address of the folder that it lies in.
   * @param lost Called when the GPU device is gone; nothing else answers any more then.
   */
  async start(
    wanted: readonly BackendName[],
    files: ModelFiles | string,
    lost: (reason: string) => void,
  ): Promise<Started> {
    this.running = await startBackend(wanted);
    this.turns = new Turns(new Device(this.running.backend, lost));
    this.launches = new LaunchCounter(this.running.backend);
    return this.replaceModel(typeof files === 'string' ? await fetchModelFiles(files) : files);
  }

  replaceModel(files: ModelFiles): Promise<Started> {
    return this.turns.take(() => this.replaceModelNow(files));
  }

  /** Gives the model types that it does not know; it learns them by training. */
  addTypes(types: string[]): Promise<Started> {
    return this.turns.take(async () => {
      const larger = await withTypes(this.loaded, types);
      const files = await writeModelFiles(larger);
      larger.recogniser.model.dispose();
      return this.replaceModelNow(files);
    });
  }

  exportModel(): Promise<ModelFiles> {
    return this.turns.take(() => writeModelFiles(this.loaded));
  }

  /** The entities of a text, and what finding them cost from the tokens to the spans. */
  tag(text: string): Promise<Tagging> {
    return this.turns.take(() => this.tagNow(text));
  }

  /** The scores and the attention of one sentence. */
  maps(tokens: string[]): Promise<Maps> {
    return this.turns.take(() => this.mapsNow(tokens));
  }

  setFused(fused: boolean): void {
    tfa.kernels.setFused(fused);
  }

  train(
    examples: Example[],
    options: TrainOptions,
    onStep: (step: number, loss: number) => void,
  ): Promise<TrainReport> {
    return this.trainer.train(examples, options, onStep);
  }

  stopTraining(): void {
    this.trainer.stop();
  }

  explore(request: ExplorerRequest): Promise<Distribution[]> {
    return this.turns.take(() => explore(request));
  }

  private async replaceModelNow(files: ModelFiles): Promise<Started> {
    const loaded = await readModelFiles(files);
    this.loaded?.recogniser.model.dispose();
    this.loaded = loaded;
    const {model, encoder} = loaded.recogniser;
    this.attention = new AttentionMaps(model);
    this.trainer = new Trainer(loaded, this.turns);
    return {
      ...this.running,
      types: [...encoder.types],
      parameters: model.countParams(),
      bytes: Object.values(files).reduce((sum, {byteLength}) => sum + byteLength, 0),
    };
  }

  private async tagNow(text: string): Promise<Tagging> {
    const {encoder, tokenKind, model} = this.loaded.recogniser;
    const sentences = sentencesOf(text, tokenKind);
    const encoded = sentences.map(({tokens}) => encoder.encode({tokens: tokens.map(token => token.text), spans: []}));
    const found: ScoredSpan[][] = sentences.map(() => []);
    this.launches.take();
    const begun = performance.now();
    for (const {indices, length} of makeBatches(encoded, 16)) {
      const scores = tf.tidy(() => model.predictOnBatch(featureTensors(encoded, {indices, length}, encoder.features)));
      const spans = await tfa.decodeSpans(scores as tf.Tensor, {lengths: indices.map(index => encoded[index].length)});
      tf.dispose(scores);
      for (const [row, index] of indices.entries()) {
        found[index] = spans[row].map(({head, start, end, score}) => ({type: encoder.types[head], start, end, score}));
      }
    }
    const milliseconds = performance.now() - begun;
    return {
      sentences: sentences.map((sentence, i) => ({...sentence, spans: found[i]})),
      fused: tfa.kernels.isFused(),
      milliseconds,
      launches: this.launches.take(),
    };
  }

  private async mapsNow(tokens: string[]): Promise<Maps> {
    const {recogniser} = this.loaded;
    const encoded = [recogniser.encoder.encode({tokens, spans: []})];
    const one = {indices: [0], length: tokens.length};
    const attention = tf.tidy(() => this.attention.of(featureTensors(encoded, one, recogniser.encoder.features)));
    const values = await Promise.all(attention.map(async map => ((await map.array()) as number[][][])[0]));
    tf.dispose(attention);
    return {
      tokens,
      types: [...recogniser.encoder.types],
      spanScores: await recogniser.spanScores({tokens}),
      attention: values,
    };
  }
}
