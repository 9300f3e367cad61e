// An app that prints whatever it learns of sessions and errors, with the stores and hooks that the test needs.
import diagnostics from 'node:diagnostics_channel';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import express, { type NextFunction, type Request, type Response } from 'express';
import {
  attachSession,
  createMemoryStore,
  createSessionRouter,
  endSession,
  renewSession,
  requireSession,
  type SessionRouterOptions,
  type SessionStore,
  updateSession,
} from '../../../src/index.js';

const cookie = { secret: [process.env.FIRST_SECRET ?? '', process.env.SECOND_SECRET ?? ''] };
const VISITORS: SessionRouterOptions = {
  cookie,
  sources: ['header', 'cookie', 'query'],
  authorize: () => true,
};
const memory = createMemoryStore();
const time = new Date().toISOString();

/** A store whose every method does the same. */
const everyMethod = (method: (sessionId: string) => unknown): SessionStore =>
  ({ create: method, get: method, peek: method, update: method, delete: method }) as SessionStore;

const driverError = (id: string) => Object.assign(new Error(`no key sess:${id}`), { code: 'EDOWN', key: id });

const isOfDriver = (error: unknown) => /no key/.test(String(error));

/** Stores whose driver's messages contain IDs. */
const OF_THE_DRIVER: Record<string, SessionStore> = {
  throws: everyMethod((id) => {
    throw driverError(id);
  }),
  rejects: everyMethod((id) => Promise.reject(driverError(id))),
  'throws-text': everyMethod((id) => {
    throw `no key sess:${id}`;
  }),
};

/** Stores whose failures the package itself describes. */
const OURS: Record<string, SessionStore> = {
  hangs: everyMethod(() => new Promise(() => {})),
  other: everyMethod((id) => ({ sessionId: `other-${id}`, createdAt: time, updatedAt: time })),
  timeless: everyMethod((id) => ({ sessionId: id, createdAt: id, updatedAt: id })),
  empty: everyMethod((id) => ({ sessionId: id, agentId: '', createdAt: time, updatedAt: time })),
  text: everyMethod((id) => id),
  full: everyMethod(() => undefined),
};

/** Options that refuse, or that are mistakes of the app. */
const HOOKS: Record<string, SessionRouterOptions> = {
  forbidden: { authorize: () => false },
  'no-ids': { acceptClientIds: false },
  'bad-id': { generateId: (req) => `${req.headers['x-secret']} with spaces` },
  'taken-id': { generateId: (req) => String(req.headers['x-secret']) },
  'bad-identity': { identify: (req) => ({ customerId: `${req.headers['x-secret']}\0` }) },
  'odd-identity': { identify: (req) => String(req.headers['x-secret']) as never },
  'promised-source': { sources: [(async (req: Request) => String(req.headers['x-secret'])) as never] },
};

const app = express();
app.get('/required', attachSession(memory), requireSession(), (_req, res) => void res.json({}));
app.use('/unattached', (req, res, next) => void updateSession(req, {}).then(() => res.json({}), next));
for (const [name, store] of Object.entries({ ...OF_THE_DRIVER, ...OURS })) {
  const options: SessionRouterOptions = {
    ...VISITORS,
    storeTimeout: 50,
    maxPendingStoreCalls: 2,
    allowDelete: true,
  };
  app.use(`/${name}`, createSessionRouter(store, options));
}
for (const [name, options] of Object.entries(HOOKS))
  app.use(
    `/${name}`,
    createSessionRouter(
      { ...memory },
      name === 'promised-source' ? options : { ...VISITORS, autoCreate: true, ...options },
    ),
  );
app.use(createSessionRouter(memory, { ...VISITORS, autoCreate: true, allowDelete: true }));
app.get('/login', (req, res, next) => void renewSession(req, res).then((info) => res.json(info), next));
app.get('/logout', (req, res, next) => void endSession(req, res).then((ended) => res.json(ended), next));
app.get('/update', (req, res, next) => {
  const customerId = `${req.headers['x-secret']}`.repeat(20);
  updateSession(req, { customerId }).then(() => res.json({}), next);
});
app.use('/late', (req, res, next) => {
  res.write('begun');
  renewSession(req, res).catch(next);
});

// It logs errors in full, except those of a driver. Then Express's own handler gets them.
app.use((error: Error, _req: Request, _res: Response, next: NextFunction) => {
  console.error('app error: %s', isOfDriver(error.cause) ? error.stack : inspect(error));
  next(error);
});

for (const event of [
  'session.created',
  'session.updated',
  'session.deleted',
  'session.not-found',
  'session.ignored',
]) {
  diagnostics.subscribe(`express-session-info:${event}`, (message) =>
    console.log('published %s %j', event, message),
  );
}
diagnostics.subscribe('express-session-info:store.failed', (message) => {
  const { cause } = message as { cause: Error };
  console.log('published store.failed %s', isOfDriver(cause) ? 'by the driver' : inspect(cause));
});
for (const phase of ['start', 'end', 'asyncStart', 'asyncEnd']) {
  diagnostics.subscribe(`tracing:express-session-info:store:${phase}`, (message) => {
    // An error in it is the driver's.
    const { error, ...context } = message as { error?: unknown };
    console.log('published %s %s', phase, inspect(context));
  });
}

const server = app.listen(0, '127.0.0.1', () =>
  process.send?.({ port: (server.address() as AddressInfo).port }),
);
process.on('disconnect', () => process.exit());
