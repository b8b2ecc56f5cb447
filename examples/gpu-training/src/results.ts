import {existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {dirname} from 'node:path';

import type {Measured, Size} from './measure.js';
import type {BackendName} from './start_gpu.js';

export interface Result extends Measured {
  device: string;
  size: Size;
}

export type Results = Partial<Record<BackendName, Result>>;

/** Adds a result to those of other backends, so that two runs make one table. */
export function addResult(file: string, backend: BackendName, result: Result): Results {
  const results: Results = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  results[backend] = result;
  mkdirSync(dirname(file), {recursive: true});
  writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
  return results;
}

export function table(results: Results): string {
  const head = [
    'backend',
    'steps/s',
    'tokens/s',
    'tensors MB',
    'process MB',
    'card MB',
    'batch × units × layers',
    'device',
  ];
  const rows = Object.entries(results).map(([backend, result]) => [
    backend,
    result.stepsPerSecond.toFixed(2),
    result.tokensPerSecond.toFixed(0),
    result.tensorMegabytes.toFixed(0),
    result.residentMegabytes.toFixed(0),
    result.cardMegabytes?.toFixed(0) ?? '–',
    `${result.size.batchSize} × ${result.size.units} × ${result.size.layers}`,
    result.device,
  ]);
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map(row => row[column].length)));
  return [head, ...rows]
    .map(row =>
      row
        .map((cell, column) => cell.padEnd(widths[column]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
