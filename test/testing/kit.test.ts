import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { SessionStore } from '../../src/session-store.js';
import { customerSessionsCases, sessionStoreCases } from '../../src/testing/index.js';
import { isFailed } from './is-failed.js';
import { delayedBy, inWholeSeconds } from './places.js';
import { createReferenceStore } from './reference-store.js';

const cases = sessionStoreCases((timeouts) => createReferenceStore(timeouts));

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
        /pace must be the longest round trip/,
      );
    },
  );

  it.concurrent.each([
    { store: 'returns after 50 ms, with that pace', place: delayedBy(50), pace: 50 },
    { store: 'returns after 200 ms, with that pace', place: delayedBy(200), pace: 200 },
    { store: 'shows times in whole seconds', place: inWholeSeconds, pace: undefined },
  ])('pass a right store that $store', { timeout: 120_000 }, async ({ place, pace }) => {
    const right = kit((timeouts) => createReferenceStore(timeouts, undefined, place), { pace });
    const failed = await Promise.all(
      right.map(async (aCase) => ((await isFailed(aCase)) ? [aCase.name] : [])),
    );
    expect(failed.flat()).toEqual([]);
  });
});

it('the planted faults mirror the cases file by file', () => {
  const [of, planted] = ['../../src/testing/cases', './faults'].map((path) =>
    readdirSync(new URL(path, import.meta.url)).sort(),
  );
  expect(planted).toEqual(of);
});

describe('every case fails, within its limits and with a message that says why, on a store that', () => {
  const never = () => new Promise<never>(() => {});
  const fails = () => {
    throw new Error('the disk is full');
  };
  const rejects = () => Promise.reject(new Error('the disk is full'));

  it.concurrent.each([
    ['never returns', () => every(never), /^store\.\w+ did not return within 2000 ms$/],
    ['never comes', never, /^createStore did not return within 2000 ms$/],
    ['throws', () => every(fails), /^store\.\w+ must return, but it threw or rejected: the disk is full$/],
    ['rejects', () => every(rejects), /^store\.\w+ must return, but it threw or rejected: the disk is full$/],
    ['can not be made', rejects, /^createStore must return, but it threw or rejected: the disk is full$/],
  ])('%s', { timeout: 30_000 }, async (_, createStore, message) => {
    const start = performance.now();
    const outcomes = await Promise.allSettled(sessionStoreCases(createStore).map(({ run }) => run()));
    expect(performance.now() - start).toBeLessThan(10_000);
    expect(outcomes.map(messageOf)).toEqual(cases.map(() => expect.stringMatching(message)));
  });
});

describe('a case', () => {
  it('ends, and makes no more calls, on a store that always returns too late', async () => {
    let calls = 0;
    const slow = async () => {
      calls++;
      await new Promise((resolve) => setTimeout(resolve, 1500));
      return { sessionId: 'x', createdAt: '', updatedAt: '' } as never;
    };
    const aCase = sessionStoreCases(() => every(slow)).find(({ name }) =>
      name.includes('read again and again'),
    );
    const start = performance.now();
    await expect(aCase?.run()).rejects.toThrow();
    expect(performance.now() - start).toBeLessThan(10_000);
    const made = calls;
    await new Promise((resolve) => setTimeout(resolve, 2000));
    expect(calls).toBe(made);
  });

  it('that needs time says how long the calls of a slow store took, and what to do', async () => {
    const slow = sessionStoreCases((timeouts) => createReferenceStore(timeouts, undefined, delayedBy(400)));
    const aCase = slow.find(({ name }) => name.includes('extends it by a tenth'));
    await expect(aCase?.run()).rejects.toThrow(
      /the slowest call took \d{3,4} ms; for a slow backend pass { pace }/,
    );
  });

  it('leaves no timer behind that keeps a process alive', { timeout: 60_000 }, async () => {
    const script = `
      import { createReferenceStore } from './test/testing/reference-store.ts';
      import { customerSessionsCases, sessionStoreCases } from './src/testing/index.ts';
      await sessionStoreCases((timeouts) => createReferenceStore(timeouts))[0].run();
      const end = performance.now();
      process.on('exit', () => console.log(performance.now() - end));
    `;
    const args = ['--import', 'tsx', '--input-type=module', '--eval', script];
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 50_000 });
    expect(Number(stdout)).toBeLessThan(1500);
  });
});

function every(method: () => never | Promise<never> | undefined): SessionStore {
  return { create: method, get: method, peek: method, update: method, delete: method as () => never };
}

function messageOf(outcome: PromiseSettledResult<void>): string {
  return outcome.status === 'fulfilled' ? 'passed' : outcome.reason.message;
}

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
