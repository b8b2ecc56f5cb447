import type {Device} from './device.ts';

/**
 * Lets one piece of work end before the next begins: times and launches are then those of one alone. Work during which
 * the device was lost never ends, and nothing after it begins: what it read may be zeros, and its errors mislead.
 */
export class Turns {
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly device: Pick<Device, 'isLost' | 'wasLost'>) {}

  take<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.last.then(() => this.outcome(work));
    this.last = mine.catch(() => {});
    return mine;
  }

  private async outcome<T>(work: () => Promise<T>): Promise<T> {
    try {
      const result = await work();
      if (!this.device.isLost()) return result;
    } catch (error) {
      if (!(await this.device.wasLost())) throw error;
    }
    return new Promise(() => {});
  }
}
