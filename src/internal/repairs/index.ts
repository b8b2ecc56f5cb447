/**
 * What is missing in tfjs or unusably slow, so that models train on every backend. docs/traps.md shows each with the
 * shortest program.
 */
import * as tf from '@tensorflow/tfjs-core';

import {onBackendStart} from '../backend_start.js';
import {batchMatMulKernel} from './batch_mat_mul.js';
import {convolutionFilterGradient, depthwiseFilterGradient, depthwiseInputGradient} from './convolution_gradients.js';
import {repairFrozenLayers} from './frozen_layers.js';
import {repairGatherGradient} from './gather_gradient.js';
import {segmentSumKernel} from './segment_sum.js';
import {sharedCloneKernel} from './shared_clone.js';
import {sliceKernel, splitKernel} from './slice.js';
import {repairTargetShapes} from './target_shapes.js';

interface Repair {
  kernelName: string;
  kernelFunc: tf.KernelFunc;
  /** Replaces a kernel of tfjs; otherwise only a missing one is added. */
  replace?: boolean;
}

const REPAIRS: Record<string, Repair[]> = {
  cpu: [{kernelName: 'UnsortedSegmentSum', kernelFunc: segmentSumKernel, replace: true}],
  wasm: [
    {kernelName: 'BatchMatMul', kernelFunc: batchMatMulKernel, replace: true},
    {kernelName: 'Identity', kernelFunc: sharedCloneKernel, replace: true},
    {kernelName: 'Slice', kernelFunc: sliceKernel, replace: true},
    {kernelName: 'SplitV', kernelFunc: splitKernel, replace: true},
    {kernelName: 'UnsortedSegmentSum', kernelFunc: segmentSumKernel},
    {kernelName: 'Conv2DBackpropFilter', kernelFunc: convolutionFilterGradient},
    {kernelName: 'DepthwiseConv2dNativeBackpropFilter', kernelFunc: depthwiseFilterGradient},
    {kernelName: 'DepthwiseConv2dNativeBackpropInput', kernelFunc: depthwiseInputGradient},
  ],
};

const BACKENDS = ['cpu', 'wasm', 'webgl', 'webgpu', 'tensorflow'];

/** Repairs gradients and models now, and each backend when it starts, however late its package is imported. */
export function repairTfjs(): void {
  repairGatherGradient();
  repairTargetShapes();
  repairFrozenLayers();
  for (const backendName of Object.keys(REPAIRS)) onBackendStart(backendName, () => repair(backendName));
  // a package of tfjs that is imported after this one registers its gradients anew
  for (const backendName of BACKENDS) onBackendStart(backendName, repairGatherGradient);
}

function repair(backendName: string): void {
  for (const {kernelName, kernelFunc, replace = false} of REPAIRS[backendName]) {
    const present = tf.getKernel(kernelName, backendName) as tf.KernelConfig | undefined;
    if (present !== undefined && (!replace || present.kernelFunc === kernelFunc)) continue;
    if (present !== undefined) tf.unregisterKernel(kernelName, backendName);
    tf.registerKernel({kernelName, backendName, kernelFunc});
  }
}
