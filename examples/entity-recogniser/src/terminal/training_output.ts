import type {EpochRecord} from '../training/progress.js';
import type {TrainingListener} from '../training/train.js';
import {clock} from './clock.js';
import {EpochProgress} from './progress.js';

/** Shows a training in the terminal: a bar for the epoch that runs, a line for each that is done. */
export class TrainingOutput implements TrainingListener {
  private progress: EpochProgress | undefined;

  constructor(private readonly epochs: number) {}

  epochStarts(epoch: number, steps: number, stepsDone: number, tokensAhead: number): void {
    this.progress = new EpochProgress(this.title(epoch), steps, {stepsDone, tokensAhead});
  }

  stepEnds(loss: number, tokens: number): void {
    this.progress?.step(loss, tokens);
  }

  epochEnds({epoch, loss, precision, recall, f1, seconds}: EpochRecord, isBest: boolean): void {
    this.stop();
    const scores = `dev precision ${percent(precision)}  recall ${percent(recall)}  F1 ${percent(f1)}${isBest ? ' ★' : '  '}`;
    console.log(`${this.title(epoch)}  loss ${loss.toFixed(3).padStart(7)}  ${scores}  ${clock(seconds)}`);
  }

  /** Takes the bar away, so that something else can be written. */
  stop(): void {
    this.progress?.stop();
    this.progress = undefined;
  }

  private title(epoch: number): string {
    const width = String(this.epochs).length;
    return `epoch ${String(epoch).padStart(width)}/${this.epochs}`;
  }
}

const percent = (share: number): string => (100 * share).toFixed(2).padStart(6);
