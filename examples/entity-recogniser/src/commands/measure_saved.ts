/** The process that `measureInNewProcess` starts. */
import {loadDataset} from '../data/load_dataset.js';
import {loadRecogniser} from '../files/recogniser_files.js';
import {startBackend} from '../start_backend.js';
import {modelDirectory} from '../training/train.js';
import {measure} from './measure.js';

const [out] = process.argv.slice(2);
const {recogniser, run} = await loadRecogniser(modelDirectory(out), ({backend}) => startBackend(backend));
const measured = await measure(
  recogniser,
  loadDataset(run, () => {}),
);
process.send!(measured, () => process.exit());
