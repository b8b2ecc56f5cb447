/** Finds and starts the Chromium in which the webgl and webgpu tests run. */
import {existsSync} from 'node:fs';
import {delimiter, join} from 'node:path';

import {chromium} from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** WebGL and WebGPU run on SwiftShader, so that results are the same on every machine. */
export const FLAGS = [
  '--no-sandbox',
  '--ignore-gpu-blocklist',
  '--enable-unsafe-swiftshader',
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--enable-features=Vulkan',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-renderer-backgrounding',
  '--disable-quic',
  '--no-first-run',
];

/** The program: `CHROMIUM_PATH`, or the first known name on the `PATH`; `undefined` where there is none. */
export function findChromium() {
  if (process.env.CHROMIUM_PATH) return process.env.CHROMIUM_PATH;
  const folders = (process.env.PATH ?? '').split(delimiter);
  return NAMES.flatMap(name => folders.map(folder => join(folder, name))).find(existsSync);
}

/** A headless browser; `close()` ends it. */
export function launchChromium() {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error('no Chromium: install it, or set CHROMIUM_PATH to the program');
  return chromium.launch({executablePath, args: FLAGS, headless: true});
}
