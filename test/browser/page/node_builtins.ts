/** The little of Node that jest-circus and its message formatting touch when they run in a page. */

/** Tests run one after another, so the context of the innermost unfinished call is the current one. */
export class AsyncLocalStorage<T> {
  private store: T | undefined;

  getStore(): T | undefined {
    return this.store;
  }

  async run<R>(store: T, callback: () => Promise<R>): Promise<R> {
    const outer = this.store;
    this.store = store;
    try {
      return await callback();
    } finally {
      this.store = outer;
    }
  }
}

export class AssertionError extends Error {}

export const builtinModules: string[] = [];

export const sep = '/';
export const dirname = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));
export const basename = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
export const resolve = (...paths: string[]): string => paths.join('/');

/** `util.format` of one value, for the first `%s`, `%d`, `%i`, `%f` or `%o` of a `test.each` title. */
export const format = (title: string, value: unknown): string =>
  title.replace(/%[sdifo]/, placeholder => {
    if (placeholder === '%i') return String(Math.trunc(Number(value)));
    if (placeholder === '%d' || placeholder === '%f') return String(Number(value));
    return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
  });
