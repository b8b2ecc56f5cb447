/**
 * What bundles for browsers have in place of `graphed_calls.ts`, by `browser` in package.json: there is no TensorFlow.
 */
import type * as tf from '@tensorflow/tfjs-core';

import {checkCallsBeforeGraph} from './check_calls.js';
import type * as inNode from './graphed_calls.js';

export class GraphedCalls implements Pick<inNode.GraphedCalls, 'run'> {
  run(_tensors: readonly (tf.Tensor | undefined)[], compute: () => tf.Tensor[]): tf.Tensor[] {
    return compute();
  }
}

export const setCallsBeforeGraph: typeof inNode.setCallsBeforeGraph = checkCallsBeforeGraph;

export const forgetGraphs: typeof inNode.forgetGraphs = () => {};
