/**
 * Writes the API pages from the doc comments to docs/api: `npm run docs`. A link that leads nowhere fails.
 */
import {rmSync} from 'node:fs';
import {join} from 'node:path';

import {Application} from 'typedoc';

import {root} from './pack.mjs';

const REPOSITORY = 'https://github.com/tfjs-addons/tfjs-addons';

const out = join(root, 'docs/api');
const app = await Application.bootstrap({
  name: 'tfjs-addons',
  entryPoints: ['src/index.ts', 'src/node/index.ts'].map(file => join(root, file)),
  tsconfig: join(root, 'tsconfig.json'),
  readme: 'none',
  excludeInternal: true,
  excludePrivate: true,
  excludeExternals: true,
  treatWarningsAsErrors: true,
  validation: {invalidLink: true, invalidPath: true, notExported: false, notDocumented: false},
  disableGit: true,
  gitRevision: 'main',
  basePath: root,
  displayBasePath: root,
  sourceLinkTemplate: `${REPOSITORY}/blob/{gitRevision}/{path}#L{line}`,
  hideGenerator: true,
  githubPages: false,
});
const project = await app.convert();
if (project !== undefined) {
  app.validate(project);
  if (!app.logger.hasErrors() && !app.logger.hasWarnings()) {
    rmSync(out, {recursive: true, force: true});
    await app.generateDocs(project, out);
  }
}
process.exitCode = project === undefined || app.logger.hasErrors() || app.logger.hasWarnings() ? 1 : 0;
