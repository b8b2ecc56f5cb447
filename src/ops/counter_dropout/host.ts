/** The hash of each index, written where the tensor lies: no array of its own, and no copy to the device. */
import {mix} from '../../internal/counter_random.js';
import type {HostKernel} from '../../internal/host_kernels.js';
import type {Inputs} from '../../internal/kernels.js';
import type {DropoutAttrs} from './name.js';
import {dropThreshold, GOLDEN_RATIO} from './reference.js';

export const counterDropoutOnHost: HostKernel<Inputs, DropoutAttrs> = {
  outputShapes: (_, {shape}) => [shape],
  compute: (_, [factor], {rate, seed}) => {
    const threshold = dropThreshold(rate);
    const kept = 1 / (1 - rate);
    const key = mix(seed);
    for (let i = 0; i < factor.length; i++) {
      factor[i] = mix(Math.imul(i, GOLDEN_RATIO) ^ key) >= threshold ? kept : 0;
    }
  },
};
