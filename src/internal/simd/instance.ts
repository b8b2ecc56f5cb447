import {multipliesAndAdds, multiplyAndAdd} from './multiply_add.js';

const instances = new WeakMap<WebAssembly.Memory, Map<string, WebAssembly.Exports | undefined>>();

/**
 * The functions of one of `modules/` over `memory`; `undefined` where the engine has no vectors, or a page may not
 * compile WebAssembly at once.
 */
export function instanceOf(module: string, memory: WebAssembly.Memory): WebAssembly.Exports | undefined {
  const known = instances.get(memory) ?? new Map<string, WebAssembly.Exports | undefined>();
  instances.set(memory, known);
  if (!known.has(module)) known.set(module, instantiate(module, memory));
  return known.get(module);
}

function instantiate(module: string, memory: WebAssembly.Memory): WebAssembly.Exports | undefined {
  const bytes = Uint8Array.from(atob(module), letter => letter.charCodeAt(0));
  if (isShared(memory)) bytes[limitsOf(bytes)] = SHARED_WITH_MAXIMUM;
  if (multipliesAndAdds()) multiplyAndAdd(bytes);
  try {
    return new WebAssembly.Instance(new WebAssembly.Module(bytes), {env: {memory}}).exports;
  } catch {
    return undefined;
  }
}

/** The memory of a backend that runs on several threads. Our functions run on one of them. */
const isShared = ({buffer}: WebAssembly.Memory): boolean =>
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
