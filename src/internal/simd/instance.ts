import {multipliesAndAdds, multiplyAndAdd} from './multiply_add.js';

/** One of `modules/` on a memory. */
export interface Loaded {
  module: WebAssembly.Module;
  functions: WebAssembly.Exports;
}

const instances = new WeakMap<WebAssembly.Memory, Map<string, Loaded | undefined>>();

/**
 * The functions of one of `modules/` over `memory`; `undefined` where the engine has no vectors, or a page may not
 * compile WebAssembly at once.
 */
export const instanceOf = (module: string, memory: WebAssembly.Memory): WebAssembly.Exports | undefined =>
  loaded(module, memory)?.functions;

/** `instanceOf` with what it was made of. */
export function loaded(module: string, memory: WebAssembly.Memory): Loaded | undefined {
  const known = instances.get(memory) ?? new Map<string, Loaded | undefined>();
  instances.set(memory, known);
  if (!known.has(module)) known.set(module, load(module, memory));
  return known.get(module);
}

function load(text: string, memory: WebAssembly.Memory): Loaded | undefined {
  const bytes = Uint8Array.from(atob(text), letter => letter.charCodeAt(0));
  if (isShared(memory)) bytes[limitsOf(bytes)] = SHARED_WITH_MAXIMUM;
  if (multipliesAndAdds()) multiplyAndAdd(bytes);
  try {
    const module = new WebAssembly.Module(bytes);
    return {module, functions: new WebAssembly.Instance(module, {env: {memory}}).exports};
  } catch {
    return undefined;
  }
}

/** Whether this is the memory of a backend that runs on several threads. */
export const isShared = ({buffer}: WebAssembly.Memory): boolean =>
  Object.prototype.toString.call(buffer) === '[object SharedArrayBuffer]'; // of whatever realm

/** How an import says what memory it takes. */
const [WITH_MAXIMUM, SHARED_WITH_MAXIMUM] = [1, 3];
/** The import `memory`: its name, its kind, and the flag in question. */
const MEMORY_IMPORT = [...'memory'].map(letter => letter.charCodeAt(0)).concat(2, WITH_MAXIMUM);

/** Where the import of the memory has its flag. */
function limitsOf(bytes: Uint8Array): number {
  const start = bytes.findIndex((_, at) => MEMORY_IMPORT.every((byte, i) => bytes[at + i] === byte));
  return start + MEMORY_IMPORT.length - 1;
}
