import {readdir, readFile} from 'node:fs/promises';
import {join} from 'node:path';

import {describe, expect} from '@jest/globals';

import {testOn} from '../support/backend.js';

/** Calls that docs/traps.md warns of, and that no op, layer, loss or optimizer may make. */
const TRAPS: Record<string, RegExp> = {
  'ops whose gradient is missing or wrong': /tf\.(einsum|mirrorPad|gatherND|scatterND|topk|cumprod|batchNorm\w*)\(/,
  'ops whose gradient fails when they broadcast': /tf\.squaredDifference\(/,
  'gather with batchDims, wrong on wasm': /tf\.gather\([^;]*,[^;]*,[^;]*,\s*\d+\)/,
  'fused ops with batches, wrong on wasm': /tf\.fused\.(?!matMul\(\{a: rows, )/,
  'instanceof on an optimizer, true for all of them': /instanceof tf\.(train\.)?\w*Optimizer/,
  'cumsum along another than the last axis': /tf\.cumsum\([^;]*,\s*(0|-\d)/,
};

/** A kernel runs where it was tested and is not differentiated. */
const KERNEL = /\/(node|webgpu|wasm|cpu|host)\.ts$/;

describe('no source file steps into a trap of tfjs', () => {
  testOn('cpu').each(Object.entries(TRAPS))('%s', async (_, pattern) => {
    const files = (await readdir('src', {recursive: true})).filter(file => file.endsWith('.ts') && !KERNEL.test(file));
    const sources = await Promise.all(files.map(file => readFile(join('src', file), 'utf8')));
    const code = sources.map(source => source.replace(/^\s*\*.*$/gm, ''));
    expect(files.filter((_, i) => pattern.test(code[i]))).toEqual([]);
  });
});
