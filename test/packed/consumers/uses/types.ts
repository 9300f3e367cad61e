import type { ErrorRequestHandler, Express, Request, RequestHandler, Router } from 'express';
import {
  attachSession,
  type CustomerSessions,
  createMemoryStore,
  createSessionRouter,
  customerSessions,
  getSession,
  isSessionError,
  requireSession,
  type SessionErrorCode,
  type SessionInfo,
  type SessionMiddleware,
  type SessionStore,
  updateSession,
} from 'express-session-info';

/** True when two types are the same, and not only assignable to each other. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(_: Same<A, B>): void {}

/** Never called: the compiler is the test. */
export function types(app: Express, other: Router): void {
  const store = createMemoryStore();
  const router: Router = createSessionRouter(store);
  const handler: RequestHandler = attachSession(store, { extend: false });
  app.use(router);
  other.use('/api/v1', router, handler);
  app.get('/me', handler, requireSession(), (req, res) => {
    same<typeof req.sessionInfo, SessionInfo | undefined>(true);
    same<ReturnType<typeof getSession>, SessionInfo>(true);
    res.json(getSession(req).customerId);
    updateSession(req, { customerId: 'anna', visitId: null, agentId: undefined });
  });
  app.get('/by-hand', (req, res, next) => {
    const attach: SessionMiddleware = attachSession(store, { sources: ['header', () => req.headers.host] });
    attach(req, res, next);
    router(req, res, next);
  });
  app.use(((error: unknown, _req, res, next) => {
    if (!isSessionError(error)) return next(error);
    same<typeof error.code, SessionErrorCode>(true);
    res.status(error.status).json(error.code);
  }) satisfies ErrorRequestHandler);
  const customers: CustomerSessions = store;
  Promise.resolve(customers.listByCustomer('anna', { limit: 5 })).then(([newest]) => newest?.createdAt);
  customerSessions(store)
    .deleteByCustomer('anna', { except: 'an-id' })
    .then((ended) => same<typeof ended, number>(true));
  const typed: RequestHandler<{ id: string }, SessionInfo | null, { name: string }> = (req, res) => {
    res.json(req.sessionInfo ?? null);
  };
  app.post('/typed/:id', typed);
  createSessionRouter(store, {
    identify: (req: Request) => ({ customerId: req.get('x-user') }),
    authorize: (req: Request, { action, sessionId }) => action === 'read' && req.path === sessionId,
    generateId: async () => 'an-id',
  });

  const own: SessionStore = {
    create: (sessionId) => ({ sessionId, createdAt: '', updatedAt: '' }),
    get: async () => undefined,
    peek: async () => undefined,
    update: async () => undefined,
    delete: () => false,
  };
  createSessionRouter(own);
}

/** Never called either: each of these must not compile. */
export function wrong(req: Request, info: SessionInfo): void {
  // @ts-expect-error sessionInfo may be undefined
  req.sessionInfo.customerId;
  // @ts-expect-error a session is read-only
  info.customerId = 'anna';
  // @ts-expect-error sources is a list
  attachSession(createMemoryStore(), { sources: 'cookie' });
  // @ts-expect-error no such option
  createSessionRouter(createMemoryStore(), { cookies: { secret: 'a secret' } });
  // @ts-expect-error a cookie needs a secret
  createSessionRouter(createMemoryStore(), { cookie: {} });
  // @ts-expect-error attachSession needs a store
  attachSession();
  // @ts-expect-error a store has five methods
  createSessionRouter({ get: () => undefined });
  // @ts-expect-error a visit ID is a string
  updateSession(req, { visitId: 1 });
  // @ts-expect-error no such association
  updateSession(req, { visit: 'visit-1' });
}
