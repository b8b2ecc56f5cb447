import {io} from '@tensorflow/tfjs-core';

import {check} from '../internal/check.js';
import {fileSystem} from '../node/file_system.js';

const FILE_SCHEME = 'file://';

/** The handler itself, our own for `file://`, or the one that is registered for the URL. */
export function saveHandler(handlerOrUrl: io.IOHandler | string): io.IOHandler {
  if (typeof handlerOrUrl !== 'string') return checkHandler(handlerOrUrl, 'save', 'saveModel');
  if (handlerOrUrl.startsWith(FILE_SCHEME)) return fileSystem(handlerOrUrl);
  const [handler] = io.getSaveHandlers(handlerOrUrl);
  check(handler !== undefined, 'saveModel', 'a URL for which tfjs has a handler', handlerOrUrl, SCHEMES);
  return handler;
}

/** The same for loading; a URL without a handler is fetched, as `tf.loadLayersModel` does. */
export function loadHandler(handlerOrUrl: io.IOHandler | string, options: io.LoadOptions): io.IOHandler {
  if (typeof handlerOrUrl !== 'string') return checkHandler(handlerOrUrl, 'load', 'loadModel');
  if (handlerOrUrl.startsWith(FILE_SCHEME)) return fileSystem(handlerOrUrl);
  const [handler] = io.getLoadHandlers(handlerOrUrl, options) as io.IOHandler[];
  return handler ?? io.browserHTTPRequest(handlerOrUrl, options);
}

const SCHEMES = "In Node use file://; in a browser indexeddb://, localstorage:// or downloads://, or 'http(s)://'.";

function checkHandler(handler: io.IOHandler, method: 'save' | 'load', where: string): io.IOHandler {
  const ok = typeof handler?.[method] === 'function';
  check(ok, where, `a URL or an object with the method ${method}`, handler);
  return handler;
}
