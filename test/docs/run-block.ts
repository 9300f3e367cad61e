import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import type { Express } from 'express';
import ts from 'typescript';
import { onTestFinished } from 'vitest';
import * as library from '../../src/index.js';
import * as bridge from '../../src/stores/express-session.js';
import * as postgres from '../../src/stores/postgres/postgres.js';
import * as redis from '../../src/stores/redis/redis.js';
import * as sqlite from '../../src/stores/sqlite.js';
import * as testing from '../../src/testing/index.js';
import { listen } from '../http/hosts.js';
import { block, blocksOf } from './docs-pages.js';
import { YOURS } from './yours.js';

/** What blocks import by the package's name, from the source, so that no build is needed. */
const PACKAGE: Readonly<Record<string, object>> = {
  'express-session-info': library,
  'express-session-info/express-session': bridge,
  'express-session-info/postgres': postgres,
  'express-session-info/redis': redis,
  'express-session-info/sqlite': sqlite,
  'express-session-info/testing': testing,
};

const compilerOptions = {
  module: ts.ModuleKind.CommonJS,
  target: ts.ScriptTarget.ES2022,
  esModuleInterop: true,
  // NestJS needs both.
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
};

export interface RunOptions {
  /** What the test uses instead of the page's own text, such as a shorter interval. */
  readonly replace?: Readonly<Record<string, string>>;
  /** What an import of the block is, such as Express 4 or a test runner. */
  readonly modules?: Readonly<Record<string, object>>;
}

/**
 * Runs a block as a module and returns its exports. `import './x.js'` is the block x of the same page, or what it leaves to the
 * reader; a block that is in `loaded` is not run again. A block with a top-level await needs a process: see `runSample`.
 */
export function runBlock<Exports extends object>(
  page: string,
  name: string,
  { replace = {}, modules = {} }: RunOptions = {},
  loaded = new Map<string, object>(),
): Exports {
  const source = Object.entries(replace).reduce(replaceOnce, textOf(page, name));
  const requireHere = createRequire(import.meta.url);
  const load = (id: string): unknown => {
    if (id in modules) return modules[id];
    if (id in PACKAGE) return PACKAGE[id];
    if (!id.startsWith('./')) return requireHere(id);
    const other = id.slice(2).replace(/\.js$/, '');
    const known = loaded.get(other);
    if (known) return known;
    const exports = runBlock<object>(page, other, { modules }, loaded);
    loaded.set(other, exports);
    return exports;
  };
  const exports = {};
  new Function('require', 'exports', ts.transpile(source, compilerOptions))(load, exports);
  return exports as Exports;
}

/** Serves the `server`, or otherwise the `app`, that a block exports, on a free port until the test ends. */
export async function startBlock<Exports extends object>(
  page: string,
  name: string,
  options: RunOptions = {},
  loaded?: Map<string, object>,
): Promise<{ url: string; port: number; server: Server; exports: Exports }> {
  const exports = runBlock<Exports & { app?: Express; server?: Server }>(page, name, options, loaded);
  const { app, server } = exports;
  if (!server) {
    if (!app) throw new Error(`block "${name}" of docs/${page} exports neither app nor server`);
    return { ...(await listen(app)), exports };
  }
  if (!server.listening) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, port, server, exports };
}

function textOf(page: string, name: string): string {
  const isOfPage = blocksOf(page).some((each) => each.name === name);
  return (!isOfPage && YOURS[name]) || block(page, name).text;
}

function replaceOnce(text: string, [from, to]: [string, string]): string {
  const parts = text.split(from);
  if (parts.length !== 2) throw new Error(`expected once: ${from}\n${text}`);
  return parts.join(to);
}
