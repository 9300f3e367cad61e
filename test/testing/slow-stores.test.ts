import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { SessionStore } from '../../src/session-store.js';
import { customerSessionsCases, sessionStoreCases } from '../../src/testing/index.js';
import { isFailed } from './is-failed.js';
import { delayedBy, inWholeSeconds } from './places.js';
import { createReferenceStore } from './reference-store.js';

const cases = sessionStoreCases((timeouts) => createReferenceStore(timeouts));

describe.each([
  { name: 'SessionStore', kit: sessionStoreCases },
  { name: 'CustomerSessions', kit: customerSessionsCases },
] as const)('the cases of $name', ({ kit }) => {
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

  it.each(['gets again and again', 'updates again and again, each within the idle timeout'])(
    'finds activity past the absolute timeout also if a create returns late: %s',
    async (situation) => {
      const cases = sessionStoreCases((timeouts) => {
        const store = createReferenceStore(timeouts, (backend) => {
          const { extend } = backend;
          backend.extend = (row, method) => {
            extend(row, method);
            row.absoluteDeadline = row.idleDeadline;
          };
        });
        return {
          ...store,
          async create(id, associations) {
            const created = await store.create(id, associations);
            await sleep(320);
            return created;
          },
        };
      });
      const aCase = cases.find(({ name }) => name.endsWith(`past \`absoluteTimeout\`: ${situation}`));
      await expect(aCase?.run()).rejects.toThrow('store.get must return undefined here');
    },
  );

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
