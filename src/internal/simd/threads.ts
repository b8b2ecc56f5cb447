import {THREAD_PROGRAM} from './thread_program.js';

/** Calls of one function of a module, which write to different places. */
export interface Job {
  module: WebAssembly.Module;
  /** Its exports on the thread that asks. */
  functions: WebAssembly.Exports;
  name: string;
  /** What `configure` of the module has been given; nothing where there is none. */
  settings: number[];
  /** The arguments of each call but the last, its scratch memory. */
  calls: number[][];
  /** Scratch memory, of as many parts as threads may have calls at the same time. */
  scratch: number;
  partBytes: number;
}

/** Numbers that threads are given at once: where scratch memory is, settings, and arguments of calls. */
const CAPACITY = 1 << 13;
/** The control words that this side goes back to; thread_program.ts has all. */
const [OPEN, DONE, FAILED, STARTED] = [0, 1, 7, 8];
const WORDS = 9;

/**
 * Workers that run functions of modules on a heap that they share with tfjs, while the thread that asks does the same.
 * A call is taken by whoever is free, so that a worker that has not started, or is slow to wake, holds up nobody.
 */
export class Threads {
  private readonly words = new Int32Array(new SharedArrayBuffer(4 * WORDS));
  private readonly numbers = new Float64Array(new SharedArrayBuffer(8 * CAPACITY));
  private readonly ids = new Map<WebAssembly.Module, number>();
  private jobs = 0;
  private workers?: Worker[];
  private address = '';
  private failure?: string;

  /** @param count Threads, of which one is that which asks. */
  constructor(
    readonly count: number,
    private readonly memory: WebAssembly.Memory,
  ) {}

  /** Threads that have started; the first call starts them. */
  ready(): number {
    if (this.workers === undefined) this.start();
    return this.failure === undefined ? 1 + this.started() : 1;
  }

  /** On how many threads calls run now, in words. */
  describe(): string {
    if (this.failure !== undefined) return `on one thread, as no worker starts: ${this.failure}`;
    if (this.workers === undefined) return `on one thread until a call is worth ${this.count}`;
    const started = 1 + this.started();
    return started === this.count
      ? `on up to ${started} threads`
      : `on up to ${started} of ${this.count} threads, the others are starting`;
  }

  /** Returns when all calls are done. */
  run(job: Job): void {
    const most = Math.floor((CAPACITY - 2 - job.settings.length) / job.calls[0].length);
    for (let from = 0; from < job.calls.length; from += most) this.runAtOnce(job, job.calls.slice(from, from + most));
  }

  /** Ends the workers. */
  dispose(): void {
    for (const worker of this.workers ?? []) worker.terminate();
    this.workers = [];
    URL.revokeObjectURL(this.address);
  }

  private start(): void {
    this.workers = [];
    try {
      this.address = URL.createObjectURL(new Blob([THREAD_PROGRAM], {type: 'text/javascript'}));
      for (let i = 1; i < this.count; i++) {
        const worker = new Worker(this.address);
        this.workers.push(worker);
        worker.onerror = ({message}) => this.fail(message || 'the page may forbid it');
        worker.postMessage({memory: this.memory, words: this.words, numbers: this.numbers});
      }
    } catch (error) {
      this.fail((error as Error).message);
    }
  }

  private started(): number {
    return Atomics.load(this.words, STARTED);
  }

  private fail(reason: string): void {
    if (this.failure === undefined) console.warn(`Kernels of wasm run on one thread, as no worker starts: ${reason}`);
    this.failure ??= reason;
    this.dispose();
  }

  private runAtOnce({module, functions, name, settings, scratch, partBytes}: Job, calls: number[][]): void {
    const {words, numbers} = this;
    numbers.set([scratch, partBytes, ...settings, ...calls.flat()]);
    const place = Object.keys(functions).indexOf(name);
    words.set([0, 1, ++this.jobs, place, settings.length, calls[0].length, 0], DONE); // the first part is ours
    Atomics.store(words, OPEN, (this.idOf(module) << 16) | calls.length);
    Atomics.notify(words, OPEN, calls.length - 1);
    const run = functions[name] as (...numbers: number[]) => void;
    for (let call = this.take(); call >= 0; call = this.take()) {
      try {
        run(...calls[call], scratch);
      } catch (error) {
        console.error(error);
        words[FAILED] = 1;
      }
      Atomics.add(words, DONE, 1);
    }
    while (Atomics.load(words, DONE) < calls.length); // the thread of a page may not sleep
    if (words[FAILED] !== 0) throw new Error(`${name} failed on one of ${this.count} threads.`);
  }

  /** A call that nobody has taken; −1 when there is none. */
  private take(): number {
    const {words} = this;
    for (;;) {
      const open = Atomics.load(words, OPEN);
      const left = open & 0xffff;
      if (left === 0 || Atomics.compareExchange(words, OPEN, open, open - 1) === open) return left - 1;
    }
  }

  private idOf(module: WebAssembly.Module): number {
    const known = this.ids.get(module);
    if (known !== undefined) return known;
    const id = this.ids.size;
    this.ids.set(module, id);
    for (const worker of this.workers!) worker.postMessage({id, module});
    return id;
  }
}
