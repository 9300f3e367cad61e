import express, { type Express } from 'express';
import { expect, it } from 'vitest';
import {
  type AttachSessionOptions,
  attachSession,
  createMemoryStore,
  createSessionRouter,
  type SessionStore,
} from '../../src/index.js';
import { listen } from '../http/hosts.js';
import { attackVisitors } from './attack-visitors.js';
import { cookieOfCustomer, secret } from './visitor.js';

/** An app that attaches by a cookie and shows the customer, and a mistake. */
async function attack(
  mistake: (app: Express, store: SessionStore) => void,
  options: AttachSessionOptions = {},
) {
  const store = createMemoryStore();
  const app = express();
  app.use(attachSession(store, { cookie: { secret }, ...options }));
  app.get('/who', (req, res) => res.json({ customerId: req.sessionInfo?.customerId ?? null }));
  mistake(app, store);
  app.use((error: { status?: number }, _req: unknown, res: express.Response, _next: unknown) =>
    res.sendStatus(error.status ?? 500),
  );
  const { url } = await listen(app);
  await attackVisitors({ url, who: '/who', logIn: () => cookieOfCustomer(store, 'ann') });
}

it('an app without a mistake passes', async () => {
  await attack(() => {});
});

it('finds routes that visitors may call', async () => {
  const mistake = (app: Express, store: SessionStore) => app.use(createSessionRouter(store));
  await expect(attack(mistake)).rejects.toThrow('PUT /sessions/new');
  await expect(attack((app, store) => app.use('/api', createSessionRouter(store)))).rejects.toThrow(
    '/api/sessions/',
  );
});

it('finds routes with a key that is not set', async () => {
  const key = process.env.NO_SUCH_KEY;
  const authorize = ({ headers }: { headers: { authorization?: string | undefined } }) =>
    headers.authorization === `Bearer ${key}`;
  const mistake = (app: Express, store: SessionStore) => app.use(createSessionRouter(store, { authorize }));
  await expect(attack(mistake)).rejects.toThrow('PUT /sessions/new');
});

it.each(['header', 'query'] as const)('finds an ID that attaches by the %s', async (source) => {
  await expect(attack(() => {}, { sources: [source, 'cookie'] })).rejects.toThrow('ann');
});

it('finds a cookie that attaches without its signature', async () => {
  const unsigned = ({ headers }: { headers: { cookie?: string | undefined } }) =>
    /connect\.sid=(?:s%3A)?([\w-]+)/.exec(headers.cookie ?? '')?.[1];
  await expect(attack(() => {}, { sources: ['cookie', unsigned] })).rejects.toThrow('ann');
});

it('finds a route that fails without a body', async () => {
  const mistake = (app: Express) => app.post('/login', express.json(), (req, res) => res.json(req.body.name));
  await expect(attack(mistake)).rejects.toThrow('POST /login');
});
