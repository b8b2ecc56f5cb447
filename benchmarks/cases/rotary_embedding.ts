import * as tfa from 'tfjs-addons';

import type {Benchmark} from '../benchmark.js';
import {normal} from '../random.js';
import {stockRotate, stockTables} from '../stock.js';

const [BATCH, LENGTH, SIZE] = [32, 256, 64];

export const rotaryEmbedding: Benchmark = {
  name: 'rotaryEmbedding',
  title: `rotaryEmbedding, [${BATCH},${LENGTH},${SIZE}]`,
  backends: ['tensorflow', 'wasm', 'cpu', 'webgpu'],
  prepare() {
    const x = normal([BATCH, LENGTH, SIZE], 1);
    const tables = stockTables(LENGTH, SIZE);
    return {
      inputs: {x},
      ours: {run: () => tfa.rotaryEmbedding(x), sources: [x]},
      stock: {run: () => stockRotate(x, tables), sources: [x]},
    };
  },
};
