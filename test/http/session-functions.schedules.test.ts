import { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { unsign } from 'cookie-signature';
import { describe, expect, it } from 'vitest';
import {
  attachSession,
  createMemoryStore,
  endSession,
  reloadSession,
  renewSession,
  type SessionInfo,
  type SessionStore,
  updateSession,
} from '../../src/index.js';
import { observedStore } from './observed-store.js';
import { secret, signedCookie } from './signed-cookie.js';

type Request = IncomingMessage & { sessionInfo?: SessionInfo };

const FUNCTIONS = {
  update: (req: Request) => updateSession(req, { visitId: 'updated' }),
  renew: (req: Request, res: ServerResponse) => renewSession(req, res, { customerId: 'c' }),
  end: (req: Request, res: ServerResponse) => endSession(req, res),
  reload: (req: Request) => reloadSession(req),
};
type FunctionName = keyof typeof FUNCTIONS;
const NAMES = Object.keys(FUNCTIONS) as FunctionName[];

/** What may happen at a call to the store. */
const EVENTS = [
  'nothing',
  /** It fails without effect. */
  'fails',
  /** It takes effect, and its response is lost. */
  'response is lost',
  /** It takes effect at once and responds after the deadline: while the next call runs, or after all of them. */
  'responds late',
  'responds last',
  /** It takes effect and responds after the deadline. */
  'takes effect late',
  'takes effect last',
  /** Before it, another request ends the session. */
  'other request ends',
  /** Before it, another request updates the session. */
  'other request updates',
  /** Before it, the response begins. */
  'response begins',
] as const;
type Event = (typeof EVENTS)[number];

/** The event of a call, by its number; for all others nothing happens. */
type Schedule = ReadonlyMap<number, Event>;

/** Runs functions at once on one request by a schedule, and throws if state, cookie and store do not agree afterwards. */
async function run(
  functions: readonly FunctionName[],
  schedule: Schedule,
): Promise<{ calls: readonly string[] }> {
  const memory = createMemoryStore();
  await memory.create('old', { agentId: 'of old', visitId: 'v' });
  const req = new IncomingMessage(undefined as unknown as Socket) as Request;
  req.url = '/';
  req.headers = { cookie: signedCookie('old') };
  const res = new ServerResponse(req);
  const { store, releaseAll, happened, ended } = scheduledStore(memory, schedule, req, res);
  let ids = 0;
  const attach = attachSession(store, {
    cookie: { secret },
    // What is on time takes microtasks only, which no timer can overtake.
    storeTimeout: 1,
    generateId: () => `renewed-${ids++}`,
  });
  await new Promise<void>((resolve, reject) =>
    attach(req, res, (error) => (error ? reject(error) : resolve())),
  );

  store.start();
  const outcomes = await Promise.allSettled(functions.map((name) => FUNCTIONS[name](req, res)));
  const state = req.sessionInfo;
  await releaseAll();
  const calls = store.stop();
  if (!res.headersSent) res.writeHead(200);

  const live = new Map<string, SessionInfo>();
  for (const id of ['old', 'renewed-0', 'renewed-1', 'renewed-2', 'renewed-3']) {
    const info = await memory.peek(id);
    if (info) live.set(id, info);
  }
  const context = JSON.stringify({
    functions,
    schedule: [...schedule],
    calls,
    outcomes,
    state,
    live: [...live],
  });
  const isConfirmed = !happened.some((event) => /fails|lost|late|last/.test(event));

  for (const outcome of outcomes) {
    if (outcome.status === 'rejected' && outcome.reason.code !== 'store_unavailable')
      expect(outcome.reason.message, context).toMatch(/before the response begins/);
    if (outcome.status === 'rejected') expect(happened.length, context).toBeGreaterThan(0);
  }
  // State and store agree; once the store is read again if a response did not arrive in time, or another request was later.
  if (!isConfirmed || happened.some((event) => event.startsWith('other')))
    await reloadSession(req, { extend: false });
  const current = req.sessionInfo;
  expect(current, context).toEqual(current && live.get(current.sessionId));
  // The browser has the cookie of that session, and otherwise of none that is live.
  const cookieId = browserCookie(res);
  if (current) expect(cookieId, context).toBe(current.sessionId);
  else expect(live.has(cookieId ?? ''), context).toBe(false);
  // No other session is left, but where the store did not confirm the end of the old one or the creation of a new one.
  if (isConfirmed) expect([...live.keys()], context).toEqual(current ? [current.sessionId] : []);
  // What another request ended does not live on.
  if (isConfirmed && ended.length > 0)
    for (const info of live.values()) expect(info.agentId, context).toBeUndefined();
  return { calls };
}

/** The session ID in the cookie of a browser that sent the one of "old". */
function browserCookie(res: ServerResponse): string | undefined {
  const [cookie = signedCookie('old')] = [res.getHeader('Set-Cookie') ?? []].flat() as string[];
  const value = decodeURIComponent(cookie.split(';')[0]?.split('=')[1] ?? '');
  return unsign(value.slice(2), secret) || undefined;
}

/** A store to which the events of a schedule happen. Every call takes a microtask at least. */
function scheduledStore(memory: SessionStore, schedule: Schedule, req: Request, res: ServerResponse) {
  let isStarted = false;
  let count = 0;
  const happened: Event[] = [];
  const ended: string[] = [];
  const late: (() => void)[] = [];
  const last: (() => void)[] = [];
  const METHODS = ['create', 'get', 'peek', 'update', 'delete'] as const;
  const observed = observedStore(memory);
  const methods = METHODS.map((method) => [
    method,
    async (sessionId: string, ...rest: unknown[]) => {
      const effect = () => (observed[method] as (...args: unknown[]) => unknown)(sessionId, ...rest);
      if (!isStarted) return effect();
      const event = schedule.get(count++) ?? 'nothing';
      // Other requests of the visitor have the session that this one has confirmed.
      const known = req.sessionInfo?.sessionId ?? 'old';
      if (event !== 'nothing') happened.push(event);
      for (const release of late.splice(0)) release();
      const wait = (list: (() => void)[]) => new Promise<void>((resolve) => list.push(resolve));
      switch (event) {
        case 'fails':
          throw new Error('fails');
        case 'response is lost':
          await effect();
          throw new Error('lost');
        case 'responds late':
        case 'responds last': {
          const result = await effect();
          await wait(event === 'responds late' ? late : last);
          return result;
        }
        case 'takes effect late':
        case 'takes effect last':
          await wait(event === 'takes effect late' ? late : last);
          return effect();
        case 'other request ends':
          if (await memory.delete(known)) ended.push(known);
          break;
        case 'other request updates':
          await memory.update(known, { globalVisitId: 'of another request' });
          break;
        case 'response begins':
          if (!res.headersSent) res.writeHead(200);
          break;
        case 'nothing':
      }
      return effect();
    },
  ]);
  const store = {
    ...(Object.fromEntries(methods) as SessionStore),
    start() {
      isStarted = true;
      observed.calls.splice(0);
    },
    /** The calls so far; to those after it nothing happens. */
    stop() {
      isStarted = false;
      return [...observed.calls];
    },
  };
  /** Lets everything respond, with what it leads to. */
  async function releaseAll() {
    for (let i = 0; i < 3; i++) {
      for (const release of [...late.splice(0), ...last.splice(0)]) release();
      await new Promise(setImmediate);
    }
  }
  return { store, releaseAll, happened, ended };
}

/** Every schedule with at most so many events: one after another at the calls that the runs before have shown. */
async function explore(functions: readonly FunctionName[], maxEvents: number): Promise<number> {
  let runs = 0;
  const pending: Schedule[] = [new Map()];
  for (let schedule = pending.pop(); schedule; schedule = pending.pop()) {
    const { calls } = await run(functions, schedule);
    runs++;
    if (schedule.size === maxEvents) continue;
    const first = Math.max(-1, ...schedule.keys()) + 1;
    for (let call = first; call < calls.length; call++)
      for (const event of EVENTS.slice(1)) pending.push(new Map([...schedule, [call, event]]));
  }
  return runs;
}

function sequences(length: number): FunctionName[][] {
  if (length === 0) return [[]];
  return sequences(length - 1).flatMap((names) => NAMES.map((name) => [...names, name]));
}

// Without Express, so once is enough.
describe.runIf(process.env.EXPRESS_MAJOR === '5')('state, cookie and store agree after calls at once', () => {
  const depths = process.env.LONG
    ? [
        [1, 3],
        [2, 2],
        [3, 1],
      ]
    : [
        [1, 2],
        [2, 1],
      ];
  const cases = depths.flatMap(([length = 0, events = 0]) =>
    sequences(length).map((names) => [names.join(', '), events, names] as const),
  );

  it.each(cases)(
    '%s, with up to %i events',
    async (_, events, names) => {
      expect(await explore(names, events)).toBeGreaterThan(1);
    },
    process.env.LONG ? 600_000 : 60_000,
  );
});
