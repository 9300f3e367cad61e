import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { SessionStore } from '../../src/session-store.js';
import { sessionStoreCases } from '../../src/testing/index.js';
import { createReferenceStore } from './reference-store.js';

const cases = sessionStoreCases((timeouts) => createReferenceStore(timeouts));

/** Sentences without a case, each with the reason. */
const EXEMPT = {
  'It returns a value or a promise': 'a freedom of the store; the kit awaits every result',
  'It never receives `null`': 'a promise of the package to the store',
  'A store may skip an extension that would move the deadline by less than 5 % of `idleTimeout`':
    'a freedom of the store; no case fails one that does',
};

describe('the cases', () => {
  it('check every sentence of the specification, and nothing else', () => {
    const promises = new Set(cases.map(({ promise }) => promise));
    expect([...promises, ...Object.keys(EXEMPT)].sort()).toEqual(sentencesOf('SessionStore').sort());
  });

  it('are named for the sentence and the situation, each by a name of its own', () => {
    for (const { promise, name } of cases) {
      expect(name.startsWith(`${promise}: `)).toBe(true);
      expect(name.length).toBeGreaterThan(promise.length + 3);
    }
    expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
  });

  it('are not few', () => {
    expect(cases.length).toBeGreaterThanOrEqual(60);
  });

  it('need a function that makes stores', () => {
    expect(() => sessionStoreCases(createReferenceStore({}) as never)).toThrow(
      /createStore must be a function/,
    );
  });
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

  it('leaves no timer behind that keeps a process alive', { timeout: 60_000 }, async () => {
    const script = `
      import { createMemoryStore } from './src/stores/memory.ts';
      import { sessionStoreCases } from './src/testing/index.ts';
      await sessionStoreCases(createMemoryStore)[0].run();
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
