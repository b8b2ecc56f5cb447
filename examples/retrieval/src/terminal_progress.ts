import cliProgress from 'cli-progress';

import type {Progress} from './sweep.js';

const {BarFormat, TimeFormat} = cliProgress.Format;

/** How often a line is written where no bar can be drawn, as in a log file. */
const LOG_EVERY_MS = 15_000;

/** A bar for each head. */
export class TerminalProgress implements Progress {
  private bar?: cliProgress.SingleBar;

  begin(title: string, total: number): void {
    this.bar = new cliProgress.SingleBar({
      format: (options, {progress, value, eta}, {note}) => {
        const bar = BarFormat(progress, options);
        const left = value === 0 ? '–' : TimeFormat(eta, options, 5);
        return `${title.padEnd(24)} ${bar} ${value}/${total} · ${note} · ${left} left`;
      },
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
