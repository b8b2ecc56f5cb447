import {loadDataset} from '../data/load_dataset.js';
import {loadRecogniser} from '../files/recogniser_files.js';
import {startBackend} from '../start_backend.js';
import {scoreTable} from '../terminal/score_table.js';
import {modelDirectory} from '../training/train.js';

/** Scores a trained model on the text it was trained for, or on `data`. */
export async function evaluateCommand(out: string, data?: string): Promise<void> {
  const {recogniser, run} = await loadRecogniser(modelDirectory(out), ({backend}) => startBackend(backend));
  const {dev, test} = loadDataset({...run, data: data ?? run.data}, console.warn);
  for (const [name, sentences] of [
    ['dev', dev],
    ['test', test],
  ] as const) {
    if (sentences) console.log(`\nScores on the ${name} text:\n\n${scoreTable(await recogniser.evaluate(sentences))}`);
  }
}
