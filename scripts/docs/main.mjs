/**
 * Writes the documentation site to docs/api: the README, the guides of docs/, and the API pages from the doc comments:
 * `npm run docs`. A link that leads nowhere fails.
 */
import {readdirSync, rmSync} from 'node:fs';
import {join} from 'node:path';

import {Application, Converter, MarkdownEvent} from 'typedoc';

import {root} from '../pack.mjs';
import {typesetFormulas} from './formula.mjs';
import {linkPapers} from './papers.mjs';

const REPOSITORY = 'https://github.com/tfjs-addons/tfjs-addons';

/** In the order of the menu; the others follow. */
const GUIDES = ['choosing-attention', 'masks', 'linear-attention', 'training', 'saving', 'from-bert4keras'];

const guides = readdirSync(join(root, 'docs'))
  .filter(file => file.endsWith('.md'))
  .sort((a, b) => place(a) - place(b))
  .map(file => join('docs', file));
const examples = readdirSync(join(root, 'examples')).map(example => join('examples', example, 'README.md'));

const TITLE = /^# (.*)$/m;

const out = join(root, 'docs/api');
const app = await Application.bootstrap({
  name: 'tfjs-addons',
  entryPoints: ['src/index.ts', 'src/node/index.ts'].map(file => join(root, file)),
  tsconfig: join(root, 'tsconfig.json'),
  readme: join(root, 'README.md'),
  projectDocuments: [...guides, ...examples, 'demo/README.md', 'CONTRIBUTING.md'].map(file => join(root, file)),
  highlightLanguages: ['typescript', 'javascript', 'bash', 'json', 'html', 'python'],
  searchInDocuments: true,
  customCss: join(root, 'scripts/docs/site.css'),
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
app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_, page) => {
  const [text] = page.content;
  page.name = text.text.match(TITLE)[1];
});
const BEFORE_MARKDOWN_IS_PARSED = 1;
app.renderer.on(
  MarkdownEvent.PARSE,
  event => {
    const text = isFrontPage(event) ? event.parsedText.replace(TITLE, '') : event.parsedText;
    event.parsedText = linkPapers(typesetFormulas(text));
  },
  BEFORE_MARKDOWN_IS_PARSED,
);
const project = await app.convert();
if (project !== undefined) {
  app.validate(project);
  if (!app.logger.hasErrors() && !app.logger.hasWarnings()) {
    rmSync(out, {recursive: true, force: true});
    await app.generateDocs(project, out);
  }
}
process.exitCode = project === undefined || app.logger.hasErrors() || app.logger.hasWarnings() ? 1 : 0;

function place(file) {
  const index = GUIDES.indexOf(file.replace(/\.md$/, ''));
  return index === -1 ? GUIDES.length : index;
}

/** Its title stands above the text already. */
function isFrontPage({page}) {
  return page.url === 'index.html';
}
