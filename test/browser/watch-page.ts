import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';

const TIME_LIMIT = 20_000;

/** A page of a visitor of its own, and what went wrong on it so far. It ends with the test. */
export async function openPage(browser: Browser, options: BrowserContextOptions = {}) {
  const context = await browser.newContext(options);
  onTestFinished(() => context.close());
  context.setDefaultTimeout(TIME_LIMIT);
  const page = await context.newPage();
  const problems: string[] = [];
  const hosts = new Set<string>();
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) problems.push(message.text());
  });
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('request', (request) => hosts.add(new URL(request.url()).origin));
  return { page, problems, hosts };
}

/** In both color schemes no serious or critical issue by axe, and nothing that is wider than the page. */
export async function expectAccessible(page: Page, state: string): Promise<void> {
  for (const [colorScheme, rules] of SCHEMES) {
    await page.emulateMedia({ colorScheme });
    // Without the page of its own that it opens otherwise to put the results of frames together: there are no frames.
    const axe = new AxeBuilder({ page }).setLegacyMode().options({ resultTypes: ['violations'] });
    const { violations } = await (rules ? axe.withRules(rules) : axe).analyze();
    const grave = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    expect(
      grave.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html)}`),
      `${state}, ${colorScheme}`,
    ).toEqual([]);
  }
  const root = page.locator('html');
  expect(await root.evaluate((html) => html.scrollWidth - html.clientWidth), state).toBe(0);
}

/** Only contrast depends on the scheme. */
const SCHEMES = [
  ['light', undefined],
  ['dark', ['color-contrast']],
] as const satisfies [string, string[] | undefined][];
