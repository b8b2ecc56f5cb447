import {describe, expect, test} from '@jest/globals';

import {gauAlphaSettings} from '../../src/layers/index.js';

describe('gauAlphaSettings', () => {
  test('the 2022 release neither clamps short lengths nor has the larger epsilon', () => {
    const {attention, normalization} = gauAlphaSettings({release: '2022'});
    expect(attention).toMatchObject({units: 1536, keySize: 128, useBias: false, minLength: 1, pBias: 'rotary'});
    expect(normalization).toEqual({scale: false, epsilon: 1e-12});
    expect(gauAlphaSettings().attention.minLength).toBe(16);
  });

  test('says what it expected', () => {
    expect(() => gauAlphaSettings({layers: 0})).toThrow('gauAlphaSettings: expected layers to be a positive integer');
  });
});
