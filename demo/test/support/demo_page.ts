/** Opens the built page in Chromium and listens for what must not happen. */
import {mkdirSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';

import {type Browser, type BrowserContextOptions, chromium, type Page} from 'playwright-core';
import {preview} from 'vite';

import {FLAGS, findChromium} from '../../../test/browser/chromium.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const SCREENSHOTS = join(root, 'screenshots');

/** Software rendering on a busy machine takes its time. */
export const PATIENCE = 120_000;

/** Lets a test take the device away: the worker's own objects are not reachable from outside. */
const DEVICE_HOOK = `
  const requestDevice = self.GPUAdapter?.prototype.requestDevice;
  if (requestDevice) self.GPUAdapter.prototype.requestDevice = async function (...args) {
    const device = await requestDevice.apply(this, args);
    self.loseDevice = () => device.destroy();
    return device;
  };
  const getContext = OffscreenCanvas.prototype.getContext;
  OffscreenCanvas.prototype.getContext = function (...args) {
    const context = getContext.apply(this, args);
    const extension = context?.getExtension?.('WEBGL_lose_context');
    if (extension) self.loseDevice = () => extension.loseContext();
    return context;
  };
`;

export interface OpenOptions extends BrowserContextOptions {
  /** After the address, as `?backend=webgl`. */
  query?: string;
}

export interface OpenPage {
  page: Page;
  /** Console errors, exceptions, and requests to other hosts. */
  troubles: string[];
  close(): Promise<void>;
}

/** A server of the built page, and a browser. */
export class Demo {
  private constructor(
    private readonly address: string,
    private readonly server: Awaited<ReturnType<typeof preview>>,
    private readonly browser: Browser,
  ) {}

  /** @param without Flags of Chromium to leave out. */
  static async start(without: readonly string[] = []): Promise<Demo> {
    const server = await preview({root, preview: {port: 0, host: '127.0.0.1'}, logLevel: 'silent'});
    const args = FLAGS.filter(flag => !without.includes(flag));
    const browser = await chromium.launch({executablePath: findChromium(), args, headless: true});
    return new Demo(server.resolvedUrls!.local[0], server, browser);
  }

  async open({query = '', ...options}: OpenOptions = {}): Promise<OpenPage> {
    const context = await this.browser.newContext({viewport: {width: 1280, height: 900}, ...options});
    context.setDefaultTimeout(PATIENCE);
    const page = await context.newPage();
    const troubles: string[] = [];
    page.on('pageerror', error => troubles.push(error.stack ?? String(error)));
    page.on('console', message => message.type() === 'error' && troubles.push(message.text()));
    page.on('request', request => {
      const url = new URL(request.url());
      if (url.protocol.startsWith('http') && url.origin !== new URL(this.address).origin) troubles.push(request.url());
    });
    await page.route(/\/worker-[^/]*\.js$/, async route => {
      const response = await route.fetch();
      await route.fulfill({response, body: DEVICE_HOOK + (await response.text())});
    });
    await page.goto(this.address + query);
    return {page, troubles, close: () => context.close()};
  }

  async close(): Promise<void> {
    await this.browser.close();
    await new Promise(done => this.server.httpServer.close(done));
  }
}

/** Keeps a picture of the whole page for people to look at. */
export async function keepPicture(page: Page, name: string): Promise<void> {
  mkdirSync(SCREENSHOTS, {recursive: true});
  await page.screenshot({path: join(SCREENSHOTS, `${name}.png`), fullPage: true});
}

/** Waits until the text in the editor is tagged. */
export const tagged = (page: Page): Promise<void> => page.locator('.bar').first().waitFor();

/** What the bars say, in the order of the text. */
export const bars = (page: Page): Promise<string[]> =>
  page.locator('.bar[tabindex="0"]').evaluateAll(all => all.map(bar => bar.getAttribute('aria-label') ?? ''));

/** Selects a part of the text, as a visitor would. */
export async function select(page: Page, part: string): Promise<void> {
  await page.locator('textarea').evaluate((area, part) => {
    const {value} = area as HTMLTextAreaElement;
    (area as HTMLTextAreaElement).focus();
    (area as HTMLTextAreaElement).setSelectionRange(value.indexOf(part), value.indexOf(part) + part.length);
  }, part);
}

/** The drawings of attention are made when they are seen. */
export async function explore(page: Page): Promise<void> {
  await page.locator('.explorer').scrollIntoViewIfNeeded();
  await page.locator('.explorer svg').nth(1).waitFor();
}
