import {signal} from '@preact/signals';

import type {TrainReport} from '../../engine/protocol.ts';

export interface Training {
  steps: number;
  losses: number[];
  stopping: boolean;
}

/** The training that runs. */
export const training = signal<Training | null>(null);

/** What the last one came to. */
export const report = signal<(TrainReport & {losses: number[]}) | null>(null);
