import {heapOf} from '../host_memory.js';
import {isShared} from './instance.js';
import {Threads} from './threads.js';

interface ThreadedBackend {
  wasm: {tfjs: {getThreadsCount(): number}};
  dispose(): void;
}

const threads = new WeakMap<object, Threads>();

/**
 * Threads of our own on the heap of a backend, as many as tfjs has there; they end with the backend. `undefined` where
 * tfjs has one.
 */
export function threadsOf(backend: object): Threads | undefined {
  const known = threads.get(backend);
  if (known !== undefined) return known;
  const memory = heapOf(backend);
  if (memory === undefined || !isShared(memory)) return undefined;
  const host = backend as ThreadedBackend;
  const count = host.wasm.tfjs.getThreadsCount();
  if (count < 2) return undefined;
  const made = new Threads(count, memory);
  threads.set(backend, made);
  const {dispose} = host;
  host.dispose = () => {
    made.dispose();
    dispose.call(host);
  };
  return made;
}
