import {join} from 'node:path';

import {describe, expect} from '@jest/globals';
import * as esbuild from 'esbuild';

import * as layers from '../../src/layers/index.js';
import * as losses from '../../src/losses/index.js';
import * as models from '../../src/models/index.js';
import * as optimizers from '../../src/optimizers/index.js';
import {testOn} from '../support/backend.js';

const FOLDERS: Record<string, object> = {layers, losses, models, optimizers};

/** The bundle of a page that imports one name, as package.json lets bundlers drop files. */
async function bundleOf(folder: string, name: string): Promise<string> {
  const {outputFiles} = await esbuild.build({
    stdin: {
      contents: `import {${name}} from './src/${folder}/index.ts'; console.log(${name})`,
      resolveDir: process.cwd(),
      loader: 'ts',
    },
    bundle: true,
    format: 'esm',
    external: ['@tensorflow/*'],
    write: false,
    plugins: [{name: 'sources', setup: resolveSources}],
  });
  return outputFiles[0].text;
}

const resolveSources = (build: esbuild.PluginBuild): void =>
  build.onResolve({filter: /^\.{1,2}\/.*\.js$/}, ({resolveDir, path}) => ({
    path: join(resolveDir, path.replace(/\.js$/, '.ts')),
    sideEffects: false,
  }));

describe('a bundle of one export brings the repairs of tfjs', () => {
  const exported = Object.entries(FOLDERS).flatMap(([folder, values]) =>
    Object.entries(values)
      .filter(([, value]) => folder === 'losses' || folder === 'models' || 'className' in (value as object))
      .map(([name]) => [folder, name]),
  );
  testOn('cpu').each(exported)('%s: %s', async (folder, name) => {
    expect(await bundleOf(folder, name)).toContain('UnsortedSegmentSum');
  });
});
