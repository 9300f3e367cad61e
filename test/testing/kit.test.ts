import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { customerSessionsCases, sessionStoreCases } from '../../src/testing/index.js';
import { createReferenceStore } from './reference-store.js';

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
});

it('the planted faults mirror the cases file by file', () => {
  const [of, planted] = ['../../src/testing/cases', './faults'].map((path) =>
    readdirSync(new URL(path, import.meta.url)).sort(),
  );
  expect(planted).toEqual(of);
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
