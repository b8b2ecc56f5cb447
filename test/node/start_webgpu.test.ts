import {describe, expect} from '@jest/globals';

import {allowTfjsNodeOnNode24} from '../../src/node/index.js';
import {testOn} from '../support/backend.js';
import {runProgram} from './run_program.js';

describe('startWebGpu', () => {
  testOn('webgpu')('starts the backend in a process that ends by itself', async () => {
    const {backend, info, product} = JSON.parse((await runProgram('start_webgpu.ts')).stdout);
    expect(backend).toBe('webgpu');
    expect(Object.keys(info)).toEqual(['vendor', 'architecture', 'description']);
    expect(product).toEqual([
      [5, 5],
      [5, 5],
      [5, 5],
    ]);
  });

  testOn('cpu')('says what to install where no driver offers a GPU', async () => {
    const started = runProgram('start_webgpu.ts', [], {VK_ICD_FILENAMES: '/nowhere', VK_DRIVER_FILES: '/nowhere'});
    if (process.platform !== 'linux') return void (await started.catch(() => {}));
    await expect(started).rejects.toThrow(
      'startWebGpu: expected a GPU with a driver, received null. Install the driver of the GPU; on Linux also libvulkan1',
    );
  });
});

describe('allowTfjsNodeOnNode24', () => {
  testOn('cpu')('gives node:util the two functions that tfjs-node calls', () => {
    const util = process.getBuiltinModule('node:util') as unknown as Record<string, (value: unknown) => boolean>;
    const {isNullOrUndefined, isArray} = util;
    try {
      delete util.isNullOrUndefined;
      delete util.isArray;
      allowTfjsNodeOnNode24();
      expect([undefined, null, 0].map(value => util.isNullOrUndefined(value))).toEqual([true, true, false]);
      expect([[], {}].map(value => util.isArray(value))).toEqual([true, false]);
    } finally {
      Object.assign(util, {isNullOrUndefined, isArray});
    }
  });
});
