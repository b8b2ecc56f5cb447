/** What a benchmark's time is. */
export type Clock = 'wall' | 'processor';

let clock: Clock = 'wall';

/**
 * `'processor'` counts the time of this process on all its threads: other work on the machine does not enter. It says
 * nothing of a graphics processor.
 */
export function useClock(chosen: Clock): void {
  clock = chosen;
}

/** Milliseconds since some moment. */
export function now(): number {
  if (clock === 'wall') return performance.now();
  const {user, system} = process.cpuUsage();
  return (user + system) / 1000;
}
