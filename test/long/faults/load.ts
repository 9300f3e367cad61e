import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Asked, ask, type Reply } from './ask.js';
import { agrees, createLedger, type Ledger, type LedgerEntry } from './ledger.js';

/** One request and what came of it. Times are Date.now(). */
export interface Answer {
  readonly asked: string;
  readonly sentAt: number;
  readonly ms: number;
  readonly status: number | 'hung';
  /** 200 or 201 with the session that it had to be. */
  readonly right: boolean;
  /** 404 or 201 for a session that was acknowledged: the store has lost it. */
  readonly lost?: boolean;
}

export interface Load {
  readonly rate: number;
  readonly answers: readonly Answer[];
  readonly ledger: Ledger;
  /** Stops sending, and waits for every answer. */
  stop(): Promise<void>;
}

/** A request that has no answer after so many ms hangs. */
export const HUNG_AFTER = 10_000;

/**
 * Sends so many requests a second to an app, whether or not it answers: in turn the update of a session, a read, a PUT, and a
 * POST to an ID of its own. `before` are sessions that it makes first, to update and to read.
 */
export async function startLoad(url: string, rate: number, before: number): Promise<Load> {
  const ledger = createLedger();
  const answers: Answer[] = [];
  const open = new Set<Promise<void>>();
  for (let made = 0; made < before; made++) await put(url, ledger);

  let turn = 0;
  const start = performance.now();
  // A timer that comes late sends what is due by then.
  const timer = setInterval(() => {
    for (const due = ((performance.now() - start) * rate) / 1000; turn < due; turn++) {
      const answered = timed(TURNS[turn % TURNS.length] as keyof typeof REQUESTS).then((answer) => {
        answers.push(answer);
        open.delete(answered);
      });
      open.add(answered);
    }
  }, TICK);

  async function timed(name: keyof typeof REQUESTS): Promise<Answer> {
    const sentAt = Date.now();
    const sent = performance.now();
    const came = await REQUESTS[name](url, ledger);
    return { asked: name, sentAt, ms: performance.now() - sent, ...came };
  }

  return {
    rate,
    answers,
    ledger,
    async stop() {
      clearInterval(timer);
      await Promise.all(open);
    },
  };
}

/** How many of the ledger's sessions are not what was acknowledged. Throws when one can't be read at all. */
export async function countLost(url: string, { entries }: Ledger): Promise<number> {
  let lost = 0;
  for (const entry of entries) {
    const { status, body } = await readAtLast(url, entry);
    if (status === 404 || !agrees(body, entry)) lost++;
  }
  return lost;
}

async function readAtLast(url: string, { sessionId }: LedgerEntry): Promise<Reply> {
  for (const end = Date.now() + HUNG_AFTER; ; await sleep(50)) {
    const reply = await ask(url, { method: 'GET', path: `/sessions/${sessionId}` }, HUNG_AFTER);
    if (reply?.status === 200 || reply?.status === 404) return reply;
    if (Date.now() > end) throw new Error(`a session can't be read: ${reply?.status}`);
  }
}

type Sent = (url: string, ledger: Ledger) => Promise<Pick<Answer, 'status' | 'right' | 'lost'>>;

/** How often to look what is due, in ms. */
const TICK = 5;

const TURNS = ['update', 'read', 'put', 'post'];

export const REQUESTS = { update, read, put, post } satisfies Record<string, Sent>;

async function update(url: string, ledger: Ledger) {
  const entry = ledger.nextToUpdate();
  if (!entry) return post(url, ledger);
  const visitId = randomUUID();
  entry.sent.add(visitId);
  const asked: Asked = { method: 'POST', path: `/sessions/${entry.sessionId}`, visitId };
  const reply = await ask(url, asked, HUNG_AFTER);
  const right = reply?.status === 200 && agrees(reply.body, entry) && reply.body.visitId === visitId;
  if (right) entry.updated = true;
  return { ...answered(reply, right), lost: reply?.status === 201 };
}

async function read(url: string, ledger: Ledger) {
  // As it is now: an update that is answered meanwhile may or may not be seen.
  const entry = { ...(ledger.next() as LedgerEntry) };
  const reply = await ask(url, { method: 'GET', path: `/sessions/${entry.sessionId}` }, HUNG_AFTER);
  const right = reply?.status === 200 && agrees(reply.body, entry);
  return { ...answered(reply, right), lost: reply?.status === 404 };
}

async function put(url: string, ledger: Ledger) {
  const customerId = randomUUID();
  const reply = await ask(url, { method: 'PUT', path: '/sessions/new', customerId }, HUNG_AFTER);
  const { sessionId } = reply?.body ?? {};
  const right = reply?.status === 201 && sessionId !== undefined && reply.body.customerId === customerId;
  if (right) ledger.add(sessionId, customerId);
  return answered(reply, right);
}

/** 200 is right too: the client may have sent the `create` twice. */
async function post(url: string, ledger: Ledger) {
  const customerId = randomUUID();
  const sessionId = randomUUID();
  const reply = await ask(url, { method: 'POST', path: `/sessions/${sessionId}`, customerId }, HUNG_AFTER);
  const { status, body } = reply ?? { body: {} };
  const isMade = status === 200 || status === 201;
  const right = isMade && body.sessionId === sessionId && body.customerId === customerId;
  if (right) ledger.add(sessionId, customerId);
  return answered(reply, right);
}

function answered(reply: Reply | undefined, right: boolean): Pick<Answer, 'status' | 'right'> {
  return { status: reply?.status ?? 'hung', right };
}
