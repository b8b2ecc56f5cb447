/** Bundles test files for the page: TypeScript to modules that share their dependencies in chunks. */
import {builtinModules} from 'node:module';
import {basename, dirname, join, relative, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';

import * as esbuild from 'esbuild';

const pageFolder = join(dirname(fileURLToPath(import.meta.url)), 'page');

/** What a page brings itself. Only jest's own packages import Node's modules, and only to format messages. */
const PAGE_FILES = {
  '@jest/globals': 'jest_globals.ts',
  '@jest/expect': 'jest_expect.ts',
  'graceful-fs': 'node_builtins.ts',
  ...Object.fromEntries(builtinModules.flatMap(name => [name, `node:${name}`]).map(name => [name, 'node_builtins.ts'])),
};

/** Files of test/support that a page replaces by one of the same name. */
const REPLACED = /[/\\]test[/\\]support[/\\](golden_file|load_backend)\.ts$/;

/**
 * @param files Test files, as absolute paths.
 * @param config jest's project config: rootDir, setupFilesAfterEnv, moduleNameMapper.
 * @param backend The tfjs backend the tests run on.
 * @param prefix Start of every url path, different for each bundle of a server.
 * @returns `{outputs, page, modulesOf}`: a map from url path to `{path, contents, map}`, the url path of the page,
 *     and which modules it loads for a test file. Throws esbuild's error when a file does not build.
 */
export async function bundleTests(files, config, backend, prefix) {
  const main = join(pageFolder, 'main.ts');
  const outdir = join(config.rootDir, '.cache/browser');
  const result = await esbuild.build({
    absWorkingDir: config.rootDir,
    entryPoints: [main, ...config.setupFilesAfterEnv, ...files],
    outbase: config.rootDir,
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    sourcemap: 'external',
    sourcesContent: false,
    write: false,
    logLevel: 'silent',
    inject: [join(pageFolder, 'process.ts')],
    define: {
      'process.env.TFJS_BACKEND': JSON.stringify(backend),
      'require.resolve': 'String',
      __dirname: '"/"',
      global: 'globalThis',
    },
    plugins: [pageFiles(config)],
  });
  const urlOf = path => `${prefix}/${relative(outdir, path)}`;
  const urlOfSource = file => `${prefix}/${relative(config.rootDir, file).replace(/\.tsx?$/, '.js')}`;
  const texts = new Map(result.outputFiles.map(({path, text}) => [path, text]));
  const outputs = new Map();
  for (const [path, contents] of texts) {
    if (!path.endsWith('.map')) outputs.set(urlOf(path), {path, contents, map: texts.get(`${path}.map`)});
  }
  const page = `${prefix}/page.html`;
  outputs.set(page, {contents: `<!doctype html><script type="module" src="${urlOfSource(main)}"></script>`});
  return {outputs, page, modulesOf: file => [...config.setupFilesAfterEnv, file].map(urlOfSource)};
}

function pageFiles({moduleNameMapper, rootDir}) {
  const mapped = moduleNameMapper.map(([pattern, path]) => [new RegExp(pattern), path]);
  return {
    name: 'page-files',
    setup(build) {
      build.onResolve({filter: /^[^./]/}, ({path, importer}) => {
        const file = PAGE_FILES[path];
        if (file !== undefined && path.startsWith('node:') && !importer.includes('node_modules')) {
          return {errors: [{text: `${path} is not there in a browser: tests that need it belong in test/node`}]};
        }
        if (file !== undefined) return {path: join(pageFolder, file)};
        const [pattern, target] = mapped.find(([pattern]) => pattern.test(path)) ?? [];
        return pattern && {path: path.replace(pattern, target)};
      });
      // package.json names files of dist/ that register something; in src/ any file may.
      build.onResolve({filter: /^\.{1,2}\//}, ({path, resolveDir}) => {
        if (!resolveDir.startsWith(join(rootDir, 'src'))) return undefined;
        return {path: resolve(resolveDir, path.replace(/\.js$/, '.ts')), sideEffects: true};
      });
      build.onResolve({filter: /\/(golden_file|load_backend)\.js$/}, ({path, resolveDir}) => {
        const source = resolve(resolveDir, path.replace(/\.js$/, '.ts'));
        return REPLACED.test(source) ? {path: join(pageFolder, basename(source))} : undefined;
      });
    },
  };
}
