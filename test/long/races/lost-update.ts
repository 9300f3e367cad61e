import { randomUUID } from 'node:crypto';
import type { SessionAssociations } from '../../../src/session-info.js';

export interface MembersCounted {
  /** The members that are there at the end, of four for each session. */
  readonly members: number;
  /** How many answers had which status. */
  readonly answers: Readonly<Record<number, number>>;
  /** The sessions that another made than who was the first to ask. Without any the clients hardly met. */
  readonly overtaken: number;
}

/**
 * Four clients, each of an app process of its own where there are several, POST to the same fresh sessions at the same time,
 * each its own member. None goes on before all four have their answer, on sixteen sessions side by side.
 */
export async function raceForMembers(urls: readonly string[], sessions: number): Promise<MembersCounted> {
  const ids = Array.from({ length: sessions }, () => randomUUID());
  const answers: Record<number, number> = {};
  let [members, overtaken] = [0, 0];

  await eachOf(ids, async (id, round) => {
    // Another one begins each time.
    const names = MEMBERS.map((_, i) => MEMBERS[(i + round) % 4] ?? 'agentId');
    const statuses = await Promise.all(
      names.map((name) => post(at(urls, MEMBERS.indexOf(name)), id, { [name]: `${name} of ${id}` })),
    );
    for (const [i, status] of statuses.entries()) {
      answers[status] = (answers[status] ?? 0) + 1;
      if (status === 201 && i > 0) overtaken++;
    }
  });
  await eachOf(ids, async (id, round) => {
    const session = await read(at(urls, round), id);
    members += MEMBERS.filter((name) => session[name] === `${name} of ${id}`).length;
  });
  return { members, answers, overtaken };
}

export interface Sightings {
  readonly reads: number;
  /** The reads that saw members of different writes. */
  readonly apart: number;
  /** How many different values the reads saw. */
  readonly values: number;
}

/** Two clients POST all four members with one value, so many times, while two others read them. */
export async function watchMembers(urls: readonly string[], writes: number): Promise<Sightings> {
  const id = randomUUID();
  const values = new Set<string | undefined>();
  let [reads, apart, writing] = [0, 0, 2];

  async function write(writer: number): Promise<void> {
    for (let i = 0; i < writes; i++) await post(at(urls, writer), id, allOf(`${writer}: ${i}`));
    writing--;
  }
  async function watch(reader: number): Promise<void> {
    while (writing > 0) {
      const session = await read(at(urls, reader), id);
      const seen = new Set(MEMBERS.map((name) => session[name]));
      reads++;
      if (seen.size > 1) apart++;
      for (const value of seen) values.add(value);
    }
  }
  await post(at(urls, 0), id, allOf('first'));
  await Promise.all([write(0), write(1), watch(2), watch(3)]);
  return { reads, apart, values: values.size };
}

const MEMBERS = ['agentId', 'customerId', 'visitId', 'globalVisitId'] as const;
const CALL_LIMIT = 30_000;

function at(urls: readonly string[], client: number): string {
  return urls[client % urls.length] ?? '';
}

function allOf(value: string): SessionAssociations {
  return Object.fromEntries(MEMBERS.map((name) => [name, value]));
}

/** POSTs as a client of the API does, two members in headers and two in the body, and answers the status. */
async function post(
  url: string,
  id: string,
  { agentId = '', customerId = '', ...body }: SessionAssociations,
): Promise<number> {
  const answer = await fetch(`${url}/sessions/${id}`, {
    method: 'POST',
    headers: { gkc_agentId: agentId, gkc_customerId: customerId, 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(CALL_LIMIT),
  });
  await answer.arrayBuffer();
  return answer.status;
}

async function read(url: string, id: string): Promise<SessionAssociations> {
  const answer = await fetch(`${url}/sessions/${id}`, { signal: AbortSignal.timeout(CALL_LIMIT) });
  return (await answer.json()) as SessionAssociations;
}

async function eachOf(ids: readonly string[], task: (id: string, round: number) => Promise<void>) {
  const left = ids.entries();
  async function lane(): Promise<void> {
    for (const [round, id] of left) await task(id, round);
  }
  await Promise.all(Array.from({ length: 16 }, lane));
}
