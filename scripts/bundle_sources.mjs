import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * How a program is bundled with the package's sources in place of the package.
 *
 * @type {import('esbuild').BuildOptions}
 */
export const WITH_SOURCES = {
  bundle: true,
  format: 'esm',
  alias: {'tfjs-addons': join(root, 'src/index.ts')},
  ignoreAnnotations: true, // package.json's sideEffects names files of dist
};
