import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import express, { type Express } from 'express';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import type { SessionCookieOptions } from '../../src/index.js';
import { freshPackage } from '../fresh-package.js';
import { needs } from '../servers/needs.js';
import { launchChromium } from './chromium.js';
import { START_LIMIT } from './example.js';

const COOKIE = { secret: 'a long random string', sameSite: 'lax', secure: true } as const;

/** A server for one app after the other. Chromium finds every host of .localhost on this machine. */
let server: Server;
let app: Express;

needs('chromium')('Chromium and a deployment that changes the cookie:', () => {
  let browser: Browser;

  beforeAll(async () => {
    const [key, cert] = ['key', 'cert'].map((part) =>
      readFileSync(new URL(`../http/tls/localhost-${part}.pem`, import.meta.url)),
    );
    server = createServer({ key, cert }, (req, res) => app(req, res)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    browser = await launchChromium();
  }, START_LIMIT);
  afterAll(async () => {
    await browser?.close();
    server?.close().closeAllConnections();
  }, START_LIMIT);

  /** A visitor with a cookie jar of their own, on a page below the path of every cookie here. */
  async function openVisitor() {
    const context = await browser.newContext({ ignoreHTTPSErrors: true });
    onTestFinished(() => context.close());
    const page = await context.newPage();
    await page.goto(`https://www.shop.localhost:${(server.address() as AddressInfo).port}/shop/who`);
    const call = (method: string, path: string) =>
      page.evaluate(async ([url, init]) => (await fetch(url, init)).json(), [path, { method }] as [
        string,
        RequestInit,
      ]);
    return { logIn: () => call('POST', '/shop/login'), who: () => call('GET', '/shop/who') };
  }

  it.each<[string, Change]>([
    ['path', { path: '/shop' }],
    ['domain', { domain: 'shop.localhost' }],
    ['partitioned', { partitioned: true }],
  ])(
    'another %s, and no login works until the name changes too',
    { timeout: START_LIMIT },
    async (_, change) => {
      const { deploy, warnings } = await createDeployments();
      deploy({});
      const visitor = await openVisitor();
      await visitor.logIn();
      expect(await visitor.who()).toEqual({ customerId: 'ann', cookies: ['connect.sid'] });

      deploy(change);
      for (let times = 0; times < 2; times++) {
        await visitor.logIn();
        expect(await visitor.who()).toEqual({ customerId: null, cookies: ['connect.sid', 'connect.sid'] });
      }
      expect(warnings.map(({ code }) => code)).toEqual(['AMBIGUOUS_COOKIE']);

      deploy({ ...change, name: 'shop.sid' });
      await visitor.logIn();
      expect(await visitor.who()).toEqual({
        customerId: 'ann',
        cookies: expect.arrayContaining(['connect.sid', 'connect.sid', 'shop.sid']),
      });
    },
  );
});

type Change = Omit<SessionCookieOptions, 'secret'>;

/** Deployments of one app, which share its store, by a package that has not warned yet. */
async function createDeployments() {
  const { loaded, warnings } = await freshPackage();
  const { attachSession, createMemoryStore, renewSession } = loaded;
  const store = createMemoryStore();

  function deploy(change: Change): void {
    app = express();
    app.use(attachSession(store, { cookie: { ...COOKIE, ...change } }));
    app.post('/shop/login', async (req, res) => {
      const { customerId } = await renewSession(req, res, { customerId: 'ann' });
      res.json({ customerId });
    });
    app.get('/shop/who', (req, res) => {
      const cookies = req.headers.cookie?.split('; ').map((pair) => pair.split('=')[0]);
      res.json({ customerId: req.sessionInfo?.customerId ?? null, cookies });
    });
  }
  return { deploy, warnings };
}
