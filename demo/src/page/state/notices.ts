import {signal} from '@preact/signals';

import type {Words} from '../../text/en.ts';
import {EngineGone} from './engine_gone.ts';

export interface Notice {
  /** A later notice of the same id takes the place of an earlier one. */
  id: 'fallback' | 'lost' | 'training' | 'error' | 'model';
  /** In the language of the page, whichever that is when it is shown. */
  text: (words: Words) => string;
}

export const notices = signal<Notice[]>([]);

export function notify(id: Notice['id'], text: Notice['text']): void {
  notices.value = [...notices.peek().filter(notice => notice.id !== id), {id, text}];
}

export function dismiss(id: Notice['id']): void {
  notices.value = notices.peek().filter(notice => notice.id !== id);
}

/** Runs what a button does, and tells when it fails. */
export function attempt(action: () => Promise<void>): Promise<void> {
  dismiss('error');
  return tellFailure(action);
}

/** Runs what the page does by itself. It ends in silence when the engine is replaced: that is told apart. */
export async function tellFailure(action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    if (!(error instanceof EngineGone)) notify('error', words => words.failed((error as Error).message));
  }
}
