import express, { type RequestHandler } from 'express';
import { describe, expectTypeOf, it } from 'vitest';
import { attachSession, createMemoryStore, createSessionRouter, type SessionInfo } from '../../src/index.js';

describe("a host's TypeScript", () => {
  it('knows req.sessionInfo without a cast', () => {
    const app = express();
    const store = createMemoryStore();
    app.use(createSessionRouter(store));
    app.use('/api/v1', createSessionRouter());
    app.get('/me', attachSession(store, { required: true }), (req, res) => {
      expectTypeOf(req.sessionInfo).toEqualTypeOf<SessionInfo | undefined>();
      res.json(req.sessionInfo?.customerId);
    });
    app.get('/orders/:order', attachSession(store), (req, res) => {
      expectTypeOf(req.params.order).toEqualTypeOf<string>();
      res.end();
    });
    expectTypeOf(attachSession(store)).toExtend<RequestHandler>();
    const handler: RequestHandler<{ id: string }> = (req) => {
      expectTypeOf(req.sessionInfo?.createdAt).toEqualTypeOf<string | undefined>();
    };
    app.get('/:id', handler);
  });
});
