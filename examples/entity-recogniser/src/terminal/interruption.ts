const IMPATIENT_AFTER_MS = 1000;

/**
 * Ctrl-C as a request: the run looks at `requested` between two steps and saves. A second Ctrl-C, at least a second
 * later (npm passes each on, so that one arrives several times), ends the process at once.
 */
export class Interruption {
  private since: number | undefined;

  constructor(private readonly onRequest: () => void) {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, this.handle);
  }

  get requested(): boolean {
    return this.since !== undefined;
  }

  /** From here on Ctrl-C ends the process as usual. */
  stopListening(): void {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, this.handle);
  }

  private readonly handle = (): void => {
    if (this.since === undefined) {
      this.since = performance.now();
      this.onRequest();
    } else if (performance.now() - this.since > IMPATIENT_AFTER_MS) {
      process.exit(130);
    }
  };
}
