// Pictures of the example's page in the middle of its story, into docs/screenshots: npm run screenshots
import { mkdirSync, writeFileSync } from 'node:fs';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { launchChromium } from '../test/browser/chromium.js';
import { startExample } from '../test/browser/example.js';
import { portalPage } from '../test/browser/portal-page.js';
import { smallerPng } from './smaller-png.mjs';

const FOLDER = new URL('../docs/screenshots/', import.meta.url);

/** The customer's phone, for the desk's list. It logs out again, so that each picture has one. */
async function phoneOf(browser: Browser, url: string) {
  const context = await browser.newContext({ userAgent: PHONE });
  const page = await context.newPage();
  const portal = portalPage(page);
  await page.goto(url);
  await portal.logIn('customer-42');
  await portal.search('bill');
  return {
    async logOut() {
      await portal.logOut();
      await context.close();
    },
  };
}

const PHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1';

/** A visitor searched and read, logged in and read on; an agent has the session. */
async function picture(browser: Browser, url: string, options: BrowserContextOptions): Promise<Buffer> {
  const phone = await phoneOf(browser, url);
  const context = await browser.newContext({ ...options, reducedMotion: 'reduce' });
  const page = await context.newPage();
  const portal = portalPage(page);
  await page.goto(url);
  await portal.search('router');
  await portal.read('What the lights on the router mean');
  await portal.logIn('customer-42');
  await portal.seen('POST /login');
  await portal.take('agent-7');
  await portal.agentId.getByText('agent-7').waitFor();
  await portal.backToList();
  await portal.read('Restart your router');
  await portal.seen('GET /articles/restart-router');
  await portal.others.getByText('iPhone').waitFor();
  await page.mouse.move(0, 0);
  await page.evaluate('document.activeElement.blur(); scrollTo({ top: 0, behavior: "instant" })');
  const png = await page.screenshot({ fullPage: true });
  await portal.logOut();
  await Promise.all([context.close(), phone.logOut()]);
  return smallerPng(png);
}

const example = await startExample();
try {
  const browser = await launchChromium();
  mkdirSync(FOLDER, { recursive: true });
  for (const [width, height] of [
    [390, 844],
    [1440, 900],
  ] as const) {
    for (const colorScheme of ['light', 'dark'] as const) {
      const png = await picture(browser, example.url, { viewport: { width, height }, colorScheme });
      const name = `portal-${width}-${colorScheme}.png`;
      writeFileSync(new URL(name, FOLDER), png);
      console.log(`docs/screenshots/${name} (${Math.round(png.length / 1024)} kB)`);
    }
  }
  await browser.close();
} finally {
  await example.stop();
}
