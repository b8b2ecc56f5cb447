/**
 * duplicate.ts <first | second> <package> …: loads copies of the packages, which the parent put into the folder
 * DUPLICATES, before or after this package, and starts a backend.
 */
import {createRequire} from 'node:module';
import {join} from 'node:path';

const [, , order, ...packages] = process.argv;
const requireCopy = createRequire(join(process.env.DUPLICATES!, 'program.js'));

const loadCopies = () => packages.map(name => requireCopy(name));
const loadOurs = () => import('../../../src/internal/kernels.js');
if (order === 'first') loadCopies();
await loadOurs();
if (order === 'second') loadCopies();

const tf = await import('@tensorflow/tfjs-core');
tf.env().set('IS_TEST', true); // no greeting
await tf.setBackend('cpu');
