/** Multiplies two matrices on the webgpu backend and prints what runs it. */
import * as tf from '@tensorflow/tfjs-core';

import {startWebGpu} from '../../../src/node/index.js';

const info = await startWebGpu();
const product = tf.matMul(tf.ones([3, 5]), tf.ones([5, 2]));
console.log(JSON.stringify({backend: tf.getBackend(), info, product: await product.array()}));
