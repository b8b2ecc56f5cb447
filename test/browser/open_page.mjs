/** Serves pages, opens one in Chromium, and hears what goes wrong in it. */
import {launchChromium} from './chromium.mjs';
import {servePages} from './page_server.mjs';

/**
 * Runs `use(page, errors)` with an open page; `errors` grows by what its console reports and by what nothing catches.
 * @param path The url path of the page.
 * @param served The arguments of `servePages`.
 */
export async function withPage(path, served, use) {
  const server = await servePages(...served);
  try {
    const browser = await launchChromium();
    try {
      const page = await browser.newPage();
      const errors = [];
      page.on('pageerror', error => errors.push(error.message));
      page.on('console', message => message.type() === 'error' && errors.push(message.text()));
      await page.goto(server.origin + path);
      return await use(page, errors);
    } finally {
      await browser.close();
    }
  } finally {
    await server.close();
  }
}
