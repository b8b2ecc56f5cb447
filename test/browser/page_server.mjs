/** Serves the bundled tests, and the files of the repository that they fetch, to pages on this machine. */
import {readFile} from 'node:fs/promises';
import {createServer} from 'node:http';
import {extname, join, normalize} from 'node:path';

const TYPES = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};

/** Folders of the repository that a page may read; everything else is 404. */
const READABLE = /^\/(test\/golden|node_modules\/@tensorflow|dist)\//;

/**
 * @param rootDir The repository, or another folder.
 * @param pages Map of url path to text, looked up first; it may change while the server runs.
 * @param readable The url paths that are read as files of the folder.
 * @param headers Sent with each file.
 * @returns `{origin, close}`.
 */
export async function servePages(rootDir, pages, readable = READABLE, headers = {}) {
  const server = createServer(async (request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url, 'http://page').pathname));
    const body =
      pages.get(path) ?? (readable.test(path) ? await readFile(join(rootDir, path)).catch(() => null) : null);
    if (body === null) {
      response.writeHead(path === '/favicon.ico' ? 204 : 404).end();
      return;
    }
    const type = TYPES[extname(path)] ?? 'application/octet-stream';
    response.writeHead(200, {...headers, 'content-type': type}).end(body);
  });
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    close: () => new Promise(resolve => server.close(resolve)),
  };
}
