/** The tests of kernels that choose their path by the features of the device, on a device that has them. */
import {expect} from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

import {hasSubgroups} from '../../src/internal/webgpu_features.js';
import {testOn, useFullDevice} from '../support/backend.js';

import '../ops/efficient_global_pointer_crossentropy.test.js';
import '../ops/global_pointer_crossentropy.test.js';
import '../ops/margin_softmax.test.js';
import '../ops/symmetric_kl.test.js';

useFullDevice();

testOn('webgpu')('they use subgroups where the adapter has them', async () => {
  const {device} = tf.backend() as unknown as {device: GPUDevice};
  const adapter = (await navigator.gpu.requestAdapter()) as GPUAdapter;
  const numbered = navigator.gpu.wgslLanguageFeatures.has('subgroup_id');
  expect(hasSubgroups(device)).toBe(adapter.features.has('subgroups' as GPUFeatureName) && numbered);
});
