import { createMemoryStore, customerSessions, maskSessionId } from 'express-session-info';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import openapi from '../../src/openapi.json' with { type: 'json' };
import { needs } from '../servers/needs.js';
import { launchChromium } from './chromium.js';
import { type RunningExample, START_LIMIT, startExample } from './example.js';
import { portalPage } from './portal-page.js';
import { serveExample } from './serve-example.js';
import { expectAccessible, openPage } from './watch-page.js';

const WAIT = { timeout: 20_000 };
const SCREENS = [
  { width: 390, height: 844 },
  { width: 1440, height: 900 },
] as const;
const REFUSED = 'Failed to load resource: the server responded with a status of 403 (Forbidden)';

needs('chromium')("the example's page", () => {
  let example: RunningExample;
  let browser: Browser;

  beforeAll(async () => {
    example = await startExample();
    browser = await launchChromium();
  }, START_LIMIT);
  afterAll(async () => {
    await browser?.close();
    await example?.stop();
  }, START_LIMIT);

  it.each(SCREENS)('tells the story of a session, $width px wide', { timeout: 120_000 }, async (viewport) => {
    const { page, problems, hosts } = await openPage(browser, { viewport });
    const portal = portalPage(page);

    await page.goto(example.url);
    await portal.seen('GET /articles');
    await expectAccessible(page, 'on arrival');
    await portal.search('router lights');
    await portal.read('What the lights on the router mean');
    await portal.seen('GET /articles/router-lights');
    expect(await portal.requests.allTextContents()).toEqual([
      'GET /articles/router-lights',
      'GET /articles?q=router%20lights',
      'GET /articles',
      'GET /',
    ]);
    expect(new Set(await portal.owners.allTextContents())).toEqual(new Set(['anonymous']));
    expect(await portal.customerId.textContent()).toBe('none');
    expect(await portal.visitId.textContent()).toMatch(/^visit-/);
    await expectAccessible(page, 'an article is read');

    const anonymousId = String(await portal.sessionId.textContent());
    await portal.logIn('customer-42');
    await portal.seen('POST /login');
    expect(await portal.owners.allTextContents()).toEqual([
      'customer-42',
      ...Array(4).fill('customer-42 before login'),
    ]);
    expect(await portal.customerId.textContent()).toBe('customer-42');
    const sessionId = String(await portal.sessionId.textContent());
    expect(sessionId).not.toBe(anonymousId);
    await portal.visitor.getByText(`session ${maskSessionId(sessionId)}`).waitFor();
    expect(await portal.visitor.textContent()).not.toContain(sessionId.slice(0, 8));
    await portal.desk.getByText(`its ID was ${anonymousId.slice(0, 8)}`).waitFor();
    expect((await fetch(`${example.url}/sessions/${anonymousId}`)).status).toBe(404);
    await expectAccessible(page, 'logged in');

    await portal.take('Agentin Jürgens 7');
    await portal.agentId.getByText('Agentin Jürgens 7').waitFor();
    expect(await portal.desk.getByRole('button', { name: 'You have it' }).isDisabled()).toBe(true);
    expect(await portal.desk.getByRole('button', { name: 'Take over' }).count()).toBe(0);
    const answer = await fetch(`${example.url}/sessions/${sessionId}`);
    expect(await answer.json()).toMatchObject({ agentId: 'Agentin Jürgens 7', customerId: 'customer-42' });
    await expectAccessible(page, 'an agent has the session');

    await portal.search('bill');
    await portal.seen('GET /articles?q=bill');
    expect(await portal.owners.count()).toBe(6);
    expect(await portal.sessionId.textContent()).toBe(sessionId);

    await portal.logOut();
    await portal.live.getByText('ended').waitFor();
    await portal.desk.getByText('The visitor logged out').waitFor();
    await expectAccessible(page, 'logged out');
    await portal.search('move');
    await portal.seen('GET /articles?q=move');
    expect(await portal.requests.count()).toBe(1);
    expect(await portal.customerId.textContent()).toBe('none');

    expect(problems).toEqual([]);
    expect([...hosts]).toEqual([example.url]);
  });

  it('is used by keyboard alone, with the focus to be seen at each step', async () => {
    const { page, problems } = await openPage(browser, { reducedMotion: 'reduce' });
    const portal = portalPage(page);
    const { visitor, desk } = portal;
    await page.goto(example.url);
    await portal.seen('GET /articles');

    await tabTo(page, page.getByRole('link', { name: 'Skip to the portal' }));
    await page.keyboard.press('Enter');
    await tabTo(page, visitor.getByLabel('Search the help articles'));
    await page.keyboard.type('bill');
    await page.keyboard.press('Enter');
    await visitor.getByText('for “bill”').waitFor();
    await tabTo(page, visitor.getByRole('button', { name: 'Why the first bill is higher' }));
    await page.keyboard.press('Enter');
    await expectFocus(visitor.getByRole('heading', { name: 'Why the first bill is higher' }));
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Space');
    await expectFocus(visitor.getByRole('button', { name: 'Why the first bill is higher' }));
    await tabTo(page, desk.getByLabel('Your agent ID'));
    await page.keyboard.press('Enter');
    await portal.agentId.getByText('agent-7').waitFor();
    await tabTo(page, visitor.getByLabel('Customer ID'), 'Shift+Tab');
    await page.keyboard.press('Enter');
    await portal.customerId.getByText('customer-42').waitFor();
    expect(await portal.agentId.textContent()).toBe('agent-7');
    await expectFocus(visitor.getByRole('button', { name: 'Log out', exact: true }));
    await page.keyboard.press('Enter');
    await portal.live.getByText('ended').waitFor();
    await expectFocus(visitor.getByLabel('Search the help articles'));

    expect(problems).toEqual([]);
  });

  it('moves only for those who do not mind', async () => {
    for (const [reducedMotion, animations] of [
      ['reduce', []],
      ['no-preference', ['fresh']],
    ] as const) {
      const { page } = await openPage(browser, { reducedMotion });
      await page.goto(example.url);
      await portalPage(page).seen('GET /articles');
      const names = await page.evaluate(
        '[...new Set([...document.querySelectorAll("*")].map((e) => getComputedStyle(e).animationName))]',
      );
      expect(names).toEqual(expect.arrayContaining(['none', ...animations]));
      expect(names).toHaveLength(1 + animations.length);
    }
  });

  it('runs no script and no style but those of its files', async () => {
    const { page, problems } = await openPage(browser);
    await page.goto(example.url);
    const append = (tag: string, property: string, text: string) =>
      page.evaluate(
        `document.body.append(Object.assign(document.createElement('${tag}'), { ${property}: '${text}' }))`,
      );
    await expect(append('script', 'text', 'window.ran = true')).rejects.toThrow('TrustedScript');
    await append('script', 'src', 'data:text/javascript,window.ran = true').catch(() => {});
    await append('style', 'textContent', '* { color: red }');
    expect(await page.evaluate('window.ran')).toBeUndefined();
    expect(await page.evaluate('getComputedStyle(document.body).color')).not.toBe('rgb(255, 0, 0)');
    expect(problems.join()).toContain('Content Security Policy');
  });

  it('shows what a visitor sends as text', async () => {
    const { page, problems } = await openPage(browser);
    const portal = portalPage(page);
    await page.goto(example.url);
    await page.evaluate("fetch(location.origin + '//:80/?q=%zz').then((answer) => answer.text())");
    await portal.search('<img src=x onerror=alert(1)>');
    await portal.desk.getByText('Searched for “<img src=x onerror=alert(1)>”').waitFor();
    await portal.logIn('<b>bold</b>');
    await portal.customerId.getByText('<b>bold</b>').waitFor();
    expect(await portal.desk.locator('img, b').count()).toBe(0);
    expect(problems.filter((text) => !text.includes('404'))).toEqual([]);
  });

  it('finds the session again when the desk got no response for a while', async () => {
    const { page } = await openPage(browser);
    const portal = portalPage(page);
    await page.goto(example.url);
    await portal.live.getByText('live', { exact: true }).waitFor();
    await page.route('**/live', (route) => route.abort());
    await portal.live.getByText('no response').waitFor();
    await portal.logIn('customer-42');
    await page.unroute('**/live');
    await portal.seen('POST /login');
    await portal.live.getByText('live', { exact: true }).waitFor();
    expect(await portal.customerId.textContent()).toBe('customer-42');
  });

  it('has the desk on a page of its own, which follows the session too', async () => {
    const { page, problems } = await openPage(browser);
    const portal = portalPage(page);
    await page.goto(example.url);
    await portal.seen('GET /articles');
    const other = await page.context().newPage();
    const link = page.getByRole('link', { name: 'Desk alone' });
    await other.goto(String(await link.getAttribute('href')));
    const alone = portalPage(other);
    await alone.seen('GET /articles');
    await portal.logIn('customer-42');
    await alone.customerId.getByText('customer-42').waitFor();
    await expectAccessible(other, 'the desk alone');
    await other.getByLabel('Session ID').fill('nobody');
    await other.getByRole('button', { name: 'Watch' }).click();
    await other.getByText('No live session has this ID').waitFor();
    expect(problems).toEqual([]);
  });

  it('lists the other browsers of a customer, ends them, and logs out everywhere', async () => {
    const [here, phone, tablet] = await Promise.all([
      openPage(browser),
      openPage(browser, {
        userAgent: 'Mozilla/5.0 (iPhone) Version/17.0 Safari/604.1',
        viewport: SCREENS[0],
      }),
      openPage(browser, { userAgent: 'Mozilla/5.0 (iPad) Version/17.0 Safari/604.1' }),
    ]);
    const [one, two, three] = [portalPage(here.page), portalPage(phone.page), portalPage(tablet.page)];
    const customerId = `customer ${crypto.randomUUID()}`;
    for (const [page, portal] of [
      [here.page, one],
      [phone.page, two],
      [tablet.page, three],
    ] as const) {
      await page.goto(example.url);
      await portal.logIn(customerId);
    }
    await expect.poll(() => one.others.count(), WAIT).toBe(2);
    await one.others.getByText('Safari on iPhone').waitFor();
    await expectAccessible(here.page, 'other sessions');

    await one.others.filter({ hasText: 'iPad' }).getByRole('button', { name: /^End / }).click();
    await one.desk.getByText('Ended one session.').waitFor();
    await expect.poll(() => one.others.count(), WAIT).toBe(1);
    await three.search('bill');
    await three.visitor.getByText('you are logged out').waitFor();
    await one.desk.getByRole('button', { name: 'End all others' }).click();
    await one.desk.getByText('Open this page in a private window').waitFor();
    await expectFocus(one.desk.getByRole('heading', { name: 'Other sessions' }));
    await two.live.getByText('ended').waitFor();

    await two.search('move');
    await two.logIn(customerId);
    await two.others.getByText('Chrome').waitFor();
    await one.logOutEverywhere();
    await one.live.getByText('ended').waitFor();
    await two.live.getByText('ended').waitFor();
    await expectFocus(one.visitor.getByLabel('Search the help articles'));
    expect([here, phone, tablet].flatMap(({ problems }) => problems)).toEqual([]);
  });

  it('shows a session until its visitor has left, although the desk is open', async () => {
    const store = createMemoryStore({ idleTimeout: 1000 });
    const url = await serveExample({ store, customers: customerSessions(store) });
    const { page, problems } = await openPage(browser);
    const portal = portalPage(page);
    await page.goto(url);
    await portal.live.getByText('live', { exact: true }).waitFor();
    await portal.live.getByText('ended').waitFor();
    await portal.desk.getByText('it expired, or it was ended elsewhere').waitFor();
    expect(problems).toEqual([]);
  });

  it('says so where the store cannot list the sessions of a customer', async () => {
    const url = await serveExample({ store: createMemoryStore() });
    const { page } = await openPage(browser);
    const portal = portalPage(page);
    await page.goto(url);
    await portal.logIn('customer-42');
    await portal.desk.getByText('cannot list the sessions of a customer').waitFor();
    expect(await page.getByRole('button', { name: 'Log out everywhere' }).isVisible()).toBe(false);
    expect(await page.getByRole('button', { name: 'End all others' }).count()).toBe(0);
  });

  it('keeps the desk in sight on a phone, in one line', async () => {
    const { page } = await openPage(browser, { viewport: SCREENS[0], reducedMotion: 'reduce' });
    const portal = portalPage(page);
    await page.goto(example.url);
    await portal.logIn('customer-42');
    await portal.summary.getByText('customer-42 · 3 requests').waitFor();
    for (const top of [0, 400, 100_000]) {
      await page.evaluate(`scrollTo(0, ${top})`);
      const box = await portal.summary.boundingBox();
      expect(box?.height).toBeLessThan(30);
      expect(box?.y).toBeGreaterThanOrEqual(0);
      expect(box?.y).toBeLessThan(SCREENS[0].height);
    }
    await portal.logOut();
    await portal.summary.getByText('ended · customer-42').waitFor();
  });

  it('takes, takes over and hands back, and gives the same as curl to copy', async () => {
    const { page, problems } = await openPage(browser, {
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    const portal = portalPage(page);
    const button = (name: string) => portal.desk.getByRole('button', { name });
    await page.goto(example.url);
    await portal.take('agent-7');
    await expectFocus(button('Hand back'));
    await portal.desk.getByLabel('Your agent ID').fill("agent o'8");
    await button('Copy the curl command').click();
    await button('Copy the curl command').getByText('Copied').waitFor();
    const sessionId = await portal.sessionId.textContent();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(
      `curl -X POST ${example.url}/sessions/${sessionId} -H 'gkc-agentId: agent o'\\''8'`,
    );
    await button('Take over').click();
    await portal.agentId.getByText("agent o'8").waitFor();
    await button('Hand back').click();
    await portal.agentId.getByText('none').waitFor();
    await button('Take this session').waitFor();
    await page.getByRole('button', { name: 'Copy npm install' }).click();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe('npm install express-session-info');
    expect(problems).toEqual([]);
  });

  it('asks for the service key, and goes on with it', async () => {
    const store = createMemoryStore();
    const guarded = await serveExample({ store, customers: customerSessions(store), serviceKey: 'a-key' });
    const { page, problems } = await openPage(browser);
    const portal = portalPage(page);
    await page.goto(guarded);
    await portal.desk.getByText('This demo was started with SERVICE_KEY').waitFor();
    await portal.search('bill');
    await expectAccessible(page, 'the desk is locked');
    for (const [key, outcome] of [
      ['wrong', 'That is not the key of this service.'],
      ['a-key', 'An anonymous visitor, whose'],
    ] as const) {
      await portal.desk.getByLabel('Service key').fill(key);
      await portal.desk.getByRole('button', { name: 'Open the desk' }).click();
      await portal.desk.getByText(outcome).waitFor();
    }
    await portal.seen('GET /articles?q=bill');
    await portal.take('agent-7');
    await portal.agentId.getByText('agent-7').waitFor();
    expect(new Set(problems)).toEqual(new Set([REFUSED]));
  });

  it.each(SCREENS)('has the API reference one click away, $width px wide', async (viewport) => {
    const { page, problems, hosts } = await openPage(browser, { viewport });
    await page.goto(example.url);
    await page.getByRole('link', { name: 'API reference' }).click();
    await page.getByRole('heading', { name: openapi.info.title }).waitFor();
    const headings = await page.getByRole('heading', { level: 2 }).allTextContents();
    for (const [path, item] of Object.entries(openapi.paths)) {
      for (const method of ['put', 'get', 'head', 'post', 'delete'].filter((name) => name in item))
        expect(headings).toContain(`${method.toUpperCase()} ${path}`);
    }
    const text = await page.getByRole('main').textContent();
    const codes = [...new Set(JSON.stringify(openapi).match(/(?<="code":")[a-z_]+(?=",)/g))];
    expect(codes).toHaveLength(11);
    for (const name of [...codes, ...Object.keys(openapi.components.schemas.SessionInfo.properties)])
      expect(text).toContain(name);
    await page.getByText('Example: A customer and a visit were sent').click();
    await page.getByText('"customerId": "customer-42"').first().waitFor();
    await expectAccessible(page, 'the reference');
    expect(problems).toEqual([]);
    expect([...hosts]).toEqual([example.url]);
  });
});

/** Presses Tab until the focus is there, and expects to see it at every step. */
async function tabTo(page: Page, target: Locator, key = 'Tab'): Promise<void> {
  for (let step = 0; step < 40; step++) {
    await page.keyboard.press(key);
    const width = await page.evaluate('parseFloat(getComputedStyle(document.activeElement).outlineWidth)');
    expect(width).toBeGreaterThanOrEqual(2);
    if (await hasFocus(target)) return;
  }
  throw new Error(`the focus does not come to ${target}`);
}

async function expectFocus(target: Locator): Promise<void> {
  await target.waitFor();
  await expect.poll(() => hasFocus(target), WAIT).toBe(true);
}

async function hasFocus(target: Locator): Promise<boolean> {
  if ((await target.count()) !== 1) return false;
  return target.evaluate((element) => element === element.ownerDocument.activeElement);
}
