const KEPT = 50;

export interface LatencySummary {
  runs: number;
  /** In milliseconds; undefined before the first run. */
  median?: number;
  p95?: number;
  /** Of the last run. */
  launches?: number;
}

/** Remembers what the last 50 runs cost. */
export class Latency {
  private times: number[] = [];
  private launches?: number;

  add(milliseconds: number, launches: number): void {
    this.times = [...this.times, milliseconds].slice(-KEPT);
    this.launches = launches;
  }

  summary(): LatencySummary {
    const {times, launches} = this;
    return {runs: times.length, median: quantile(times, 0.5), p95: quantile(times, 0.95), launches};
  }
}

/** The smallest value that a share `q` of all is not above. */
export function quantile(values: readonly number[], q: number): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)];
}
