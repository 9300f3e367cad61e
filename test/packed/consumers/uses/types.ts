import type { Express, Request, RequestHandler, Router } from 'express';
import {
  attachSession,
  createMemoryStore,
  createSessionRouter,
  type SessionInfo,
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
  const handler: RequestHandler = attachSession(store, { required: true });
  app.use(router);
  other.use('/api/v1', router, handler);
  app.get('/me', handler, (req, res) => {
    same<typeof req.sessionInfo, SessionInfo | undefined>(true);
    res.json(req.sessionInfo?.customerId);
    updateSession(req, { customerId: 'anna', visitId: null });
  });
  const typed: RequestHandler<{ id: string }, SessionInfo | null, { name: string }> = (req, res) => {
    res.json(req.sessionInfo ?? null);
  };
  app.post('/typed/:id', typed);
  createSessionRouter(store, {
    identify: (req: Request) => ({ customerId: req.get('x-user') }),
    authorize: (req, { action, sessionId }) => action === 'read' && req.path === sessionId,
    generateId: async () => 'an-id',
  });

  const own: SessionStore = {
    create: (sessionId) => ({ sessionId, createdAt: '', updatedAt: '' }),
    get: async () => undefined,
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
  // @ts-expect-error no such option
  createSessionRouter(createMemoryStore(), { cookies: { secret: 'a secret' } });
  // @ts-expect-error a cookie needs a secret
  createSessionRouter(createMemoryStore(), { cookie: {} });
  // @ts-expect-error attachSession needs a store
  attachSession();
  // @ts-expect-error a store has four methods
  createSessionRouter({ get: () => undefined });
  // @ts-expect-error a visit ID is a string
  updateSession(req, { visitId: 1 });
  // @ts-expect-error no such association
  updateSession(req, { visit: 'visit-1' });
}
