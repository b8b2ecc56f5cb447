import {SingleBar} from 'cli-progress';

import type {Progress} from './sweep.js';

/** How often a line is written where no bar can be drawn, as in a log file. */
const LOG_EVERY_MS = 15_000;

/** A bar for each head. */
export class TerminalProgress implements Progress {
  private bar?: SingleBar;

  begin(title: string, total: number): void {
    this.bar = new SingleBar({
      format: `${title.padEnd(24)} {bar} {value}/{total} · {note} · {eta_formatted} left`,
      barsize: 24,
      hideCursor: true,
      noTTYOutput: true,
      notTTYSchedule: LOG_EVERY_MS,
    });
    this.bar.start(total, 0, {note: 'starting'});
  }

  step(note: string): void {
    this.bar!.increment(1, {note});
  }

  end(): void {
    this.bar!.stop();
  }
}
