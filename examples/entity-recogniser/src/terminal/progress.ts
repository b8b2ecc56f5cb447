import cliProgress from 'cli-progress';

import {clock} from './clock.js';

/** How often a line is written where no bar can be drawn, as in a log file. */
const LOG_EVERY_MS = 15_000;
/** The loss shown is a moving average: single batches differ much. */
const SMOOTHING = 0.05;

/** One bar for the steps of an epoch, with the loss, the speed and the time left of the whole run. */
export class EpochProgress {
  private readonly bar: cliProgress.SingleBar;
  private loss: number | undefined;
  private readonly started = performance.now();
  private tokens = 0;

  /** @param whole Tokens of this epoch, from its first step on, and of all later epochs. */
  constructor(
    title: string,
    steps: number,
    private readonly whole: {stepsDone: number; tokensAhead: number},
  ) {
    this.bar = new cliProgress.SingleBar({
      format: `${title} {bar} {percentage}% · loss {loss} · {speed} tokens/s · {left} left`,
      barCompleteChar: '█',
      barIncompleteChar: '░',
      barsize: 24,
      hideCursor: true,
      clearOnComplete: true,
      noTTYOutput: true,
      notTTYSchedule: LOG_EVERY_MS,
      fps: 8,
      gracefulExit: false, // Ctrl-C saves the run first
    });
    this.bar.start(steps, whole.stepsDone, {loss: '–', speed: '–', left: '–'});
  }

  /** After each step. */
  step(loss: number, tokens: number): void {
    this.loss = this.loss === undefined ? loss : this.loss + SMOOTHING * (loss - this.loss);
    this.tokens += tokens;
    const speed = this.tokens / ((performance.now() - this.started) / 1000);
    const left = (this.whole.tokensAhead - this.tokens) / speed;
    this.bar.increment(1, {loss: this.loss.toFixed(3), speed: speed.toFixed(0), left: clock(left)});
  }

  stop(): void {
    this.bar.stop();
  }
}
