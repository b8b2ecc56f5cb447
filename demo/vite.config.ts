import {defineConfig, type Plugin} from 'vite';

/**
 * Nothing leaves the page: the browser itself refuses it every other address. A worker has the policy of its own response,
 * which a static host does not send; the tests watch its requests.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self' 'unsafe-inline'",
  "worker-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

const contentSecurityPolicy: Plugin = {
  name: 'content-security-policy',
  apply: 'build',
  transformIndexHtml: () => [
    {tag: 'meta', attrs: {'http-equiv': 'Content-Security-Policy', content: POLICY}, injectTo: 'head-prepend'},
  ],
};

/** Relative addresses, so that the page may lie in any folder of any static host. */
export default defineConfig({
  base: './',
  build: {target: 'es2022', assetsInlineLimit: 0, chunkSizeWarningLimit: 2000},
  worker: {format: 'es'},
  plugins: [contentSecurityPolicy],
});
