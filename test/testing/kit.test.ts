import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { SessionInfo } from '../../src/session-info.js';
import type { SessionTimeouts } from '../../src/stores/shared/session-timeouts.js';
import { customerSessionsCases, sessionStoreCases } from '../../src/testing/index.js';
import { createReferenceStore, type Plant } from './reference-store.js';

/** Sentences without a case, each with the reason. */
const EXEMPT = {
  SessionStore: {
    'It returns a value or a promise': 'a freedom of the store; the kit awaits every result',
    'It never receives `null`': 'a promise of the package to the store',
    'A store may skip an extension that would move the deadline by less than 5 % of `idleTimeout`':
      'a freedom of the store; no case fails one that does',
  },
  CustomerSessions: {
    'The cost depends on how many sessions named the customer within the last `absoluteTimeout`, not on the size of the store':
      'a cost, to be measured on the backend',
    'If the backend fails, it throws or rejects': 'the kit can not make a backend fail',
    'If it fails part-way, some sessions may have ended': 'the kit can not make a backend fail',
    'Call it again': 'advice to the caller',
  },
};

describe.each([
  { name: 'SessionStore', kit: sessionStoreCases, least: 150 },
  { name: 'CustomerSessions', kit: customerSessionsCases, least: 80 },
] as const)('the cases of $name', ({ name, kit, least }) => {
  const cases = kit((timeouts) => createReferenceStore(timeouts));

  it('check every sentence of the specification, and nothing else', () => {
    const promises = new Set(cases.map(({ promise }) => promise));
    expect([...promises, ...Object.keys(EXEMPT[name])].sort()).toEqual(sentencesOf(name).sort());
  });

  it('give a store timeouts in whole ms, whatever the pace', async () => {
    const opened: SessionTimeouts[] = [];
    const paced = kit(
      (timeouts) => {
        opened.push(timeouts);
        return Promise.reject(new Error('enough'));
      },
      { pace: 20.7 },
    );
    await Promise.allSettled(paced.map(({ run }) => run()));
    expect(opened.length).toBeGreaterThanOrEqual(least);
    expect(opened.filter((timeouts) => !Object.values(timeouts).every(Number.isInteger))).toEqual([]);
  });

  it('are named for the sentence and the situation, each by a name of its own', () => {
    for (const { promise, name } of cases) {
      expect(name.startsWith(`${promise}: `)).toBe(true);
      expect(name.length).toBeGreaterThan(promise.length + 3);
    }
    expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
  });

  it('are not few', () => {
    expect(cases.length).toBeGreaterThanOrEqual(least);
  });

  it('need a function that creates stores', () => {
    expect(() => kit(createReferenceStore({}) as never)).toThrow(/createStore must be a function/);
  });

  it.each([0, 19, Number.NaN, Number.POSITIVE_INFINITY, '50' as never])(
    'need a valid pace, not %s',
    (pace) => {
      expect(() => kit(() => createReferenceStore({}), { pace })).toThrow(
        /pace must be the longest time that a call of the store takes/,
      );
    },
  );
});

it('the planted faults mirror the cases file by file', () => {
  const [of, planted] = ['../../src/testing/cases', './faults'].map((path) =>
    readdirSync(new URL(path, import.meta.url)).sort(),
  );
  expect(planted).toEqual(of);
});

describe('a case of CustomerSessions that fails names the sessions:', () => {
  const ID = 'kit-[0-9a-f-]{36}';
  const listing =
    (change: (list: readonly SessionInfo[]) => readonly SessionInfo[]): Plant =>
    (_, store) => ({ listByCustomer: (...args) => change(store.listByCustomer(...args)) });
  const endsNothing: Plant = () => ({ deleteByCustomer: () => 0 });
  const endsAll: Plant = (_, store) => ({ deleteByCustomer: (id) => store.deleteByCustomer(id) });

  it.each<[string, Plant, string, string]>([
    [
      'those that are missing and those that are wrong in a list',
      (_, store) => ({
        listByCustomer: (id, { limit = 100 } = {}) => store.listByCustomer(id).slice(-limit),
      }),
      'returns the newest ones: fewer than there are',
      `must list the newest 1 of 5 here; it listed 1; missing: ${ID}; wrong: ${ID}`,
    ],
    [
      'those that are older',
      listing((list) => list.toReversed()),
      'newest first: as they were created',
      `must list ${ID} before the older ${ID}`,
    ],
    [
      'the first few of many that are missing',
      listing((list) => list.slice(0, 1)),
      'sessions created at once, listed',
      `must list all 10 sessions here; it did not list ${ID}, ${ID}, ${ID}, 6 more`,
    ],
    [
      'those that did not end',
      endsNothing,
      'a session created with the customer, ended',
      `must end all 1 sessions here; it did not end ${ID}`,
    ],
    ['the one that ended', endsAll, '`except`: one of the customer', `must not end ${ID} here`],
  ])('%s', async (_, plant, name, message) => {
    const cases = customerSessionsCases((timeouts) => createReferenceStore(timeouts, plant));
    const found = cases.filter((aCase) => aCase.name.includes(name));
    expect(found).toHaveLength(1);
    await expect(found[0]?.run()).rejects.toThrow(new RegExp(`^store\\.\\w+ ${message}$`));
  });
});

/** The sentences of all list items in the comments of an interface of session-store.ts, without their full stops. */
function sentencesOf(name: 'SessionStore' | 'CustomerSessions'): string[] {
  const source = readFileSync(new URL('../../src/session-store.ts', import.meta.url), 'utf8');
  const text = source.split(/^}$/m).find((part) => part.includes(`export interface ${name} `)) ?? '';
  const items = text.matchAll(/^ *\* - (.*(?:\n *\* {3}.*)*)/gm);
  return [...items].flatMap(([, item = '']) =>
    item
      .replace(/\n *\* +/g, ' ')
      .split(/(?<=\.) /)
      .map((sentence) => sentence.replace(/\.$/, '')),
  );
}
