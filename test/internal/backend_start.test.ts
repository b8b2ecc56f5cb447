import {describe, expect, test} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {onBackendStart} from '../../src/internal/backend_start.js';
import {BACKEND} from '../support/backend.js';

/** What the engine asks of a backend when nothing runs on it. */
class Idle extends tf.KernelBackend {}

describe('onBackendStart', () => {
  test('runs at once on a backend that has started, and again each time it is selected', async () => {
    const seen: object[] = [];
    onBackendStart(BACKEND, backend => seen.push(backend));
    expect(seen).toEqual([tf.backend()]);
    await tf.setBackend(BACKEND);
    expect(seen).toHaveLength(2);
  });

  test('waits for a backend that is registered later', async () => {
    const calls: string[] = [];
    onBackendStart('idle', () => calls.push('first'));
    onBackendStart('idle', () => calls.push('second'));
    tf.registerBackend('idle', () => new Idle());
    expect(calls).toEqual([]);
    await tf.setBackend('idle');
    expect(calls).toEqual(['first', 'second']);
    await tf.setBackend(BACKEND);
  });
});
