import cliProgress from 'cli-progress';

import type {Progress} from './compare.js';

const {BarFormat, TimeFormat} = cliProgress.Format;

/** How often a line is written where no bar can be drawn, as in a log file. */
const LOG_EVERY_MS = 15_000;

/** A bar for each loss. */
export class TerminalProgress implements Progress {
  private bar?: cliProgress.SingleBar;

  begin(title: string, total: number): void {
    this.bar = new cliProgress.SingleBar({
      format: (options, {progress, value, eta}) => {
        const bar = BarFormat(progress, options);
        const left = value === 0 ? '–' : TimeFormat(eta, options, 5);
        return `${title.padEnd(24)} ${bar} ${value}/${total} runs · ${left} left`;
      },
      barsize: 24,
      hideCursor: true,
      noTTYOutput: true,
      notTTYSchedule: LOG_EVERY_MS,
    });
    this.bar.start(total, 0);
  }

  step(): void {
    this.bar!.increment();
  }

  end(): void {
    this.bar!.stop();
  }
}
