import {del, get, set} from 'idb-keyval';

import type {Example, ModelFiles} from '../../engine/protocol.ts';

const KEY = 'recogniser';

/** What the browser remembers between visits. */
export interface Kept {
  files: ModelFiles;
  examples: Example[];
}

/** Stores the model in IndexedDB; no file of it goes anywhere else. */
export const keep = (kept: Kept): Promise<void> => set(KEY, kept);

export const readKept = (): Promise<Kept | undefined> => get<Kept>(KEY);

export const forgetKept = (): Promise<void> => del(KEY);
