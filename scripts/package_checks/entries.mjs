/** Imports and requires every entry of the package in processes of their own. */
import {execFileSync} from 'node:child_process';
import {join} from 'node:path';

/** Prints the public names of an entry; both forms must print the same. */
const NAMES = `
  const names = (value, depth = 1) => Object.keys(value).filter(key => key !== 'default' && key !== '__esModule').sort().map(key =>
    depth > 0 && typeof value[key] === 'object' ? [key, names(value[key], depth - 1)] : key);
  console.log(JSON.stringify(names(entry)));`;

/** Every class of the package is known to tfjs after \`register\`. */
const REGISTERED = `
  const {classNameMap} = tf.serialization.SerializationMap.getMap();
  const classes = [...Object.values(tfa.layers), ...Object.values(tfa.train)].filter(value => value.className !== undefined);
  const absent = classes.filter(value => classNameMap[value.className]?.[0] !== value);
  if (classes.length === 0 || absent.length > 0) throw new Error('not registered: ' + absent.map(value => value.className));
  console.log(classes.length);`;

export function checkEntries(consumer, manifest) {
  const entries = Object.keys(manifest.exports).filter(path => !path.endsWith('.json'));
  for (const path of entries) {
    const specifier = join(manifest.name, path);
    const esm = node(consumer, `import * as entry from '${specifier}';${NAMES}`, 'module');
    const cjs = node(consumer, `const entry = require('${specifier}');${NAMES}`, 'commonjs');
    if (esm !== cjs) throw new Error(`${specifier}: import gives ${esm}, require gives ${cjs}`);
    if (esm === '[]' && path !== './register') throw new Error(`${specifier} exports nothing`);
  }
  const esm = `import * as tf from '@tensorflow/tfjs-core'; import * as tfa from 'tfjs-addons'; import 'tfjs-addons/register';`;
  const cjs = `const tf = require('@tensorflow/tfjs-core'); const tfa = require('tfjs-addons'); require('tfjs-addons/register');`;
  const classes = node(consumer, esm + REGISTERED, 'module');
  node(consumer, cjs + REGISTERED, 'commonjs');
  return `(${entries.length} entries, ${classes} classes)`;
}

const node = (cwd, program, type) =>
  execFileSync(process.execPath, [`--input-type=${type}`, '-e', program], {cwd, encoding: 'utf8'}).trim();
