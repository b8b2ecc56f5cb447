import {signal} from '@preact/signals';

import type {Distribution} from '../../engine/protocol.ts';
import {ask} from './session.ts';

export const EXPLORED_LENGTHS = [16, 32, 64, 128, 256, 512, 1024];

/** By head size and length; they are the same on every device, so that each is computed once. */
export const explored = signal<ReadonlyMap<number, ReadonlyMap<number, Distribution[]>>>(new Map());

let asked = '';

/** Computes what is not there yet, `first` before the other lengths, until something else is asked for. */
export async function exploreAll(first: number, headSize: number): Promise<void> {
  const mine = `${first} ${headSize}`;
  asked = mine;
  for (const length of [first, ...EXPLORED_LENGTHS]) {
    if (asked !== mine) return;
    if (explored.peek().get(headSize)?.has(length)) continue;
    const found = await ask(engine => engine.explore({length, headSize}));
    const lengths = new Map(explored.peek().get(headSize)).set(length, found);
    explored.value = new Map(explored.peek()).set(headSize, lengths);
  }
}
