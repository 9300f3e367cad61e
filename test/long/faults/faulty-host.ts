// An app process of the fault tests: one Express app with createSessionRouter for each setting in APPS, on a port of its own.
// Its parent talks to it by messages, see app-process.ts; it ends with its parent.
import type { AddressInfo } from 'node:net';
import express from 'express';
import { createSessionRouter } from '../../../src/http/session-router.js';
import type { SessionStore } from '../../../src/session-store.js';
import type { AppReport, AppSetting, Order } from './app-process.js';
import { watchStalls } from './stalls.js';
import { errorName, type OpenStore, openStore } from './stores-by-name.js';

const stalls = watchStalls();
const unhandled: string[] = [];
process.on('unhandledRejection', (reason) => unhandled.push(`rejection: ${errorName(reason)}`));
process.on('uncaughtException', (error) => unhandled.push(`exception: ${errorName(error)}`));
process.on('disconnect', () => process.exit());

const apps = await Promise.all((JSON.parse(process.env.APPS ?? '[]') as AppSetting[]).map(startApp));
process.on('message', async ({ id, app, disturb }: Order) => {
  if (disturb === undefined) return process.send?.({ id, answer: report(app) });
  await apps[app]?.disturb?.(disturb);
  process.send?.({ id, answer: 'done' });
});
process.send?.({ ports: apps.map(({ port }) => port) });

interface App extends Pick<OpenStore, 'disturb'> {
  readonly port: number;
  /** How often the store threw what. */
  readonly errors: Record<string, number>;
}

async function startApp({ storeTimeout, ...setting }: AppSetting): Promise<App> {
  const { store, disturb } = await openStore(setting);
  const errors: Record<string, number> = {};
  const app = express();
  app.use(createSessionRouter(countingErrors(store, errors), { storeTimeout }));
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  return { port, errors, ...(disturb && { disturb }) };
}

function countingErrors(store: SessionStore, errors: Record<string, number>): SessionStore {
  function heard(error: unknown): never {
    errors[errorName(error)] = (errors[errorName(error)] ?? 0) + 1;
    throw error;
  }
  function counted<Value>(call: () => Value): Value {
    try {
      const answer = call();
      return answer instanceof Promise ? (answer.catch(heard) as Value) : answer;
    } catch (error) {
      return heard(error);
    }
  }
  return {
    create: (id, associations) => counted(() => store.create(id, associations)),
    get: (id) => counted(() => store.get(id)),
    peek: (id) => counted(() => store.peek(id)),
    update: (id, associations) => counted(() => store.update(id, associations)),
    delete: (id) => counted(() => store.delete(id)),
  };
}

/** What has happened since the last one. */
function report(app: number): AppReport {
  const errors = { ...apps[app]?.errors };
  for (const name of Object.keys(errors)) delete apps[app]?.errors[name];
  return { errors, unhandled: [...unhandled], stalls: stalls.stalls.slice(-2000) };
}
