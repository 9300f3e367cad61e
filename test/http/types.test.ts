import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import express, { type Request, type RequestHandler } from 'express';
import { describe, expectTypeOf, it } from 'vitest';
import {
  type AttachSessionOptions,
  type Authorize,
  attachSession,
  createMemoryStore,
  createSessionRouter,
  endSession,
  type GenerateId,
  getSession,
  type HookRequest,
  type Identify,
  reloadSession,
  renewSession,
  requireSession,
  type SessionAction,
  type SessionInfo,
  type SessionMiddleware,
  type SessionRouterOptions,
  updateSession,
} from '../../src/index.js';

const store = createMemoryStore();

/** Checked by `tsc -p .`; nothing here is called. */
function compiles(_: () => unknown): void {}

describe('the types', () => {
  it('know req.sessionInfo in Express without a cast', () => {
    compiles(() => {
      const app = express();
      app.use(createSessionRouter(store));
      app.use('/api/v1', createSessionRouter());
      app.get('/me', attachSession(store), requireSession(), (req, res) => {
        expectTypeOf(req.sessionInfo).toEqualTypeOf<SessionInfo | undefined>();
        expectTypeOf(getSession(req)).toEqualTypeOf<SessionInfo>();
        res.json(req.sessionInfo?.customerId);
      });
      app.get('/orders/:order', attachSession(store), requireSession(), (req, res) => {
        expectTypeOf(req.params.order).toEqualTypeOf<string>();
        res.end();
      });
      const handler: RequestHandler<{ id: string }> = (req) => {
        expectTypeOf(req.sessionInfo?.createdAt).toEqualTypeOf<string | undefined>();
      };
      app.get('/:id', handler);
    });
    expectTypeOf(attachSession(store)).toExtend<RequestHandler>();
    expectTypeOf(createSessionRouter(store)).toExtend<RequestHandler>();
    expectTypeOf(createSessionRouter(store)).toExtend<SessionMiddleware>();
  });

  it('let middleware and router be called on node:http and in Express without a cast', () => {
    compiles(() => {
      const router = createSessionRouter(store);
      const attach = attachSession(store);
      http.createServer((req, res) => router(req, res, () => res.end()));
      http.createServer((req, res) => attach(req, res, (error) => res.end(String(error))));
      http.createServer().on('upgrade', (req) => attach(req, {} as ServerResponse, () => {}));
      express()
        .use((req, res, next) => router(req, res, next))
        .use((req, res, next) => attach(req, res, next))
        .use((req, res, next) => requireSession()(req, res, next));
      router.param('sessionId', (_req, _res, next) => next());
    });
  });

  it('let the functions be called with what node:http created', () => {
    compiles(async () => {
      const [req, res] = [{} as IncomingMessage, {} as ServerResponse];
      expectTypeOf(await updateSession(req, { agentId: null, visitId: undefined })).toEqualTypeOf<
        SessionInfo | undefined
      >();
      expectTypeOf(await renewSession(req, res)).toEqualTypeOf<SessionInfo>();
      expectTypeOf(await renewSession(req, res, { customerId: undefined })).toEqualTypeOf<SessionInfo>();
      expectTypeOf(await reloadSession(req, { extend: undefined })).toEqualTypeOf<SessionInfo | undefined>();
      expectTypeOf(await endSession(req, res)).toEqualTypeOf<boolean>();
      // @ts-expect-error An unknown member is an error.
      await updateSession(req, { custmerId: 'c' });
      // @ts-expect-error There is nothing to update without associations.
      await updateSession(req);
    });
  });

  it('give hooks what they get on node:http, and let them declare the Request of Express', () => {
    expectTypeOf<Parameters<Identify>[0]>().toEqualTypeOf<HookRequest>();
    expectTypeOf<HookRequest>().toExtend<IncomingMessage>();
    compiles(() =>
      createSessionRouter(store, {
        identify: (req: Request) => ({ customerId: req.get('x-customer') }),
        authorize: (req: Request, action) => req.ip !== undefined && action.action === 'read',
        generateId: async (req: Request) => req.params.id as string,
        sources: [(req: Request) => req.get('x-visitor'), 'header'],
      }),
    );
    compiles(() =>
      createSessionRouter(store, {
        // @ts-expect-error On node:http there is no `get`.
        identify: (req) => ({ customerId: req.get('x-customer') }),
      }),
    );
  });

  it('accept what run time accepts, under exactOptionalPropertyTypes', () => {
    compiles(() => {
      const everyDefault:
        | Required<SessionRouterOptions>
        | { [Name in keyof SessionRouterOptions]-?: undefined } = {
        sources: undefined,
        cookie: undefined,
        autoCreate: undefined,
        identify: undefined,
        generateId: undefined,
        passOnStoreError: undefined,
        storeTimeout: undefined,
        maxPendingStoreCalls: undefined,
        acceptClientIds: undefined,
        authorize: undefined,
        allowDelete: undefined,
      };
      createSessionRouter(undefined, everyDefault);
      const options: AttachSessionOptions = {
        extend: undefined,
        cookie: {
          secret: ['a', 'b'],
          name: undefined,
          sameSite: undefined,
          maxAge: undefined,
          domain: undefined,
        },
      };
      attachSession(store, options);
      const sources = ['header', () => null, () => undefined] as const;
      attachSession(store, { sources });
    });
    expectTypeOf(() => null).toExtend<Identify>();
    expectTypeOf(() => undefined).toExtend<Identify>();
    expectTypeOf(async () => ({ customerId: null, agentId: undefined })).toExtend<Identify>();
    expectTypeOf(async () => 'id').toExtend<GenerateId>();
    expectTypeOf(() => true).toExtend<Authorize>();
    expectTypeOf(async () => true).toExtend<Authorize>();
  });

  it('tell actions apart: only `create` has no ID', () => {
    compiles((action?: SessionAction) => {
      if (action?.action === 'create') expectTypeOf(action.sessionId).toEqualTypeOf<undefined>();
      else if (action) expectTypeOf(action.sessionId).toEqualTypeOf<string>();
    });
    const authorize: Authorize = (_req, { action, sessionId }) => action === 'create' || sessionId.length > 0;
    expectTypeOf(authorize).toEqualTypeOf<Authorize>();
  });
});
