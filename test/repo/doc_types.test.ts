/** The examples of the documentation compile under `strict`, as they stand: a reader copies them into TypeScript. */
import {join, resolve} from 'node:path';

import {expect, test} from '@jest/globals';
import ts from 'typescript';

import {DOC_EXAMPLES} from './doc_blocks.js';

const FOLDER = resolve('test/repo/examples'); // of files that only the compiler sees

const ENTRIES: Record<string, string> = {
  'tfjs-addons': 'src/index.ts',
  'tfjs-addons/layers': 'src/layers/index.ts',
  'tfjs-addons/losses': 'src/losses/index.ts',
  'tfjs-addons/metrics': 'src/metrics/index.ts',
  'tfjs-addons/node': 'src/node/index.ts',
  'tfjs-addons/register': 'src/register.ts',
  'tfjs-addons/train': 'src/optimizers/index.ts',
};

const options: ts.CompilerOptions = {
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  types: ['@webgpu/types', 'node'],
  paths: Object.fromEntries(Object.entries(ENTRIES).map(([name, file]) => [name, [resolve(file)]])),
};

const USUAL: Record<string, string> = {
  tf: "import * as tf from '@tensorflow/tfjs'; ",
  tfa: "import * as tfa from 'tfjs-addons'; ",
};

/** By file name. What the guides take for granted is imported on the first line, so that line numbers stay. */
const sources = new Map(
  DOC_EXAMPLES.filter(({language, runs}) => language === 'ts' && runs).map(({place, code}) => {
    const missing = Object.keys(USUAL).filter(name => !code.includes(`import * as ${name} from`));
    const text = `${missing.map(name => USUAL[name]).join('')}${code}\nexport {};\n`;
    return [join(FOLDER, `${place.replace(/\W+/g, '_')}.ts`), {place, text}];
  }),
);

test('every example of the documentation is sound TypeScript', () => {
  const host = ts.createCompilerHost(options);
  const own = {fileExists: host.fileExists, readFile: host.readFile, directoryExists: host.directoryExists};
  host.fileExists = file => sources.has(file) || own.fileExists.call(host, file);
  host.readFile = file => sources.get(file)?.text ?? own.readFile.call(host, file);
  host.directoryExists = folder => folder === FOLDER || own.directoryExists?.call(host, folder) !== false;
  const program = ts.createProgram([...sources.keys()], options, host);
  const wrong = [...sources].flatMap(([file, {place}]) => {
    const source = program.getSourceFile(file);
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    return found.map(({start = 0, messageText}) => {
      const line = source?.getLineAndCharacterOfPosition(start).line ?? 0;
      return `${place}, line ${line + 1}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
    });
  });
  expect(sources.size).toBeGreaterThan(100);
  expect(wrong).toEqual([]);
}, 180_000);
