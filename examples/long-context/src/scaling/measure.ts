import {fork} from 'node:child_process';
import {fileURLToPath} from 'node:url';

import type {Cost, Request} from './protocol.js';

/**
 * Measures one kind of attention in a process of its own. Lengths from the first that ran out of memory, or took longer
 * than `seconds`, are missing.
 *
 * @param onCost Called for each length.
 * @throws Error when not even the first length could be measured.
 */
export function measureCosts(request: Request, seconds: number, onCost: (cost: Cost) => void): Promise<Cost[]> {
  const worker = fileURLToPath(new URL('./worker.ts', import.meta.url));
  const child = fork(worker, [JSON.stringify(request)], {stdio: ['ignore', 'ignore', 'pipe', 'ipc']});
  const costs: Cost[] = [];
  let errors = '';
  let limit = setTimeout(stop, 1000 * seconds);
  function stop(): void {
    child.kill('SIGKILL');
  }
  child.stderr!.on('data', text => {
    errors += text;
  });
  child.on('message', message => {
    const cost = message as Cost;
    costs.push(cost);
    onCost(cost);
    clearTimeout(limit);
    limit = setTimeout(stop, 1000 * seconds);
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => {
      clearTimeout(limit);
      if (costs.length > 0) resolve(costs);
      else reject(new Error(`${request.attention} was not measured: ${errors}`));
    });
  });
}
