/** How an op ran the last time on a backend. */
export interface KernelReport {
  op: string;
  backend: string;
  path: 'fused' | 'composed';
  reason: string;
}

const runs = new Map<string, KernelReport>();

/** Keeps the report for `kernels.report()`. */
export function noteRun(report: KernelReport): void {
  runs.set(keyOf(report.op, report.backend), report);
}

/** The last report of `op` on `backend`. */
export const lastRunOf = (op: string, backend: string): KernelReport | undefined => runs.get(keyOf(op, backend));

/** The ops that have run on any backend. */
export const opsSeen = (): string[] => [...runs.values()].map(({op}) => op);

const keyOf = (op: string, backend: string): string => `${op}@${backend}`;
