import type {Loaded} from './instance.js';
import type {Threads} from './threads.js';
import type {Workspace} from './workspace.js';

/** Multiply-adds that take less than waking a thread for them. */
const LEAST_WORK = 1 << 21;

/** Runs functions of a module, on several threads where the backend has them. */
export class Runner {
  private settings: number[] = [];

  constructor(
    private readonly module: Loaded,
    private readonly space: Workspace,
    private readonly threads: Threads | undefined,
  ) {}

  /** In how many parts work of that many multiply-adds is best done. */
  parts(work: number): number {
    const threads = work < LEAST_WORK ? 1 : (this.threads?.ready() ?? 1);
    return threads === 1 ? 1 : 2 * threads; // one that is slow holds up the others for half as long
  }

  /** Gives `settings` to `configure` of the module, on all threads. */
  configure(...settings: number[]): void {
    this.settings = settings;
    this.functionOf('configure')(...settings);
  }

  /**
   * Calls `name` with each of `calls` and scratch memory of that many bytes behind them. They write to different
   * places, in any order.
   *
   * @param work Multiply-adds of all together, roughly.
   */
  run(name: string, calls: number[][], scratchBytes: number, work: number): void {
    const threads = this.parts(work) > 1 ? this.threads : undefined;
    const copies = threads === undefined ? 1 : Math.min(threads.count, calls.length);
    const partBytes = Math.ceil(scratchBytes / 64) * 64; // no line of a cache belongs to two
    const scratch = this.space.scratch(copies * partBytes);
    if (copies > 1) threads!.run({...this.module, name, settings: this.settings, calls, scratch, partBytes});
    else for (const call of calls) this.functionOf(name)(...call, scratch);
  }

  private functionOf(name: string): (...numbers: number[]) => void {
    return this.module.functions[name] as (...numbers: number[]) => void;
  }
}
