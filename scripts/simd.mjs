/**
 * Compiles assembly/ to the WebAssembly that the package embeds: src/internal/simd/modules/<name>.ts, one for each
 * entry, so that bundlers leave out what is not used. `--check` writes nothing and fails where a file is not current.
 */
import {readFileSync, writeFileSync} from 'node:fs';
import {dirname, join, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';

import {main} from 'assemblyscript/asc';

const ENTRIES = [
  'attention',
  'causal_product',
  'depthwise',
  'factorised_span_loss',
  'products',
  'span_loss',
  'span_scores',
  'span_sums',
  'swish',
  'updates',
];
/** The largest memory that a module may be given, in pages of 64 KiB: all that 32 bits address. */
const MAXIMUM_MEMORY = '65536';

process.chdir(resolve(dirname(fileURLToPath(import.meta.url)), '..'));
const stale = [];
for (const entry of ENTRIES) {
  const bytes = await compile(`assembly/${entry}.ts`);
  const path = join('src/internal/simd/modules', `${entry}.ts`);
  const text = moduleText(entry, bytes);
  if (process.argv.includes('--check')) {
    if (readFileSync(path, 'utf8') !== text) stale.push(path);
  } else writeFileSync(path, text);
  console.log(`${path}: ${bytes.length} bytes`);
}
if (stale.length > 0) throw new Error(`not what assembly/ compiles to, run npm run build:simd: ${stale.join(', ')}`);

async function compile(path) {
  const options = [
    '--optimizeLevel',
    '3',
    '--converge',
    '--noAssert',
    '--runtime',
    'stub',
    '--enable',
    'simd',
    '--disableWarning',
    '112',
  ];
  const memory = ['--importMemory', '--initialMemory', '1', '--maximumMemory', MAXIMUM_MEMORY];
  let bytes;
  const {error, stderr} = await main([path, ...options, ...memory, '--outFile', 'module.wasm'], {
    readFile: (name, base) => readOrNull(join(base, name)),
    writeFile: (_, contents) => {
      bytes = contents;
    },
    listFiles: () => [],
  });
  if (error !== null) throw new Error(`${error.message}\n${stderr}`);
  return bytes;
}

function readOrNull(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

function moduleText(entry, bytes) {
  return `/** Compiled from assembly/${entry}.ts by npm run build:simd. */
export const ${entry.replace(/_(.)/g, (_, letter) => letter.toUpperCase())}Module =
  '${Buffer.from(bytes).toString('base64')}';
`;
}
