import {check} from '../check.js';

/** Checks the argument of `setCallsBeforeGraph`, in Node and in browsers alike. */
export function checkCallsBeforeGraph(calls: number): void {
  check(calls >= 0, 'kernels.setCallsBeforeGraph', 'a number of calls, at least 0', calls);
}
