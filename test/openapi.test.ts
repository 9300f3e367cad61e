import { execFile } from 'node:child_process';
import { METHODS } from 'node:http';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ERRORS } from '../src/http/errors.js';
import { MAX_BODY_BYTES } from '../src/http/input/request-bytes.js';
import {
  createMemoryStore,
  createSessionRouter,
  type SessionRouterOptions,
  type SessionStore,
} from '../src/index.js';
import openapi from '../src/openapi.json' with { type: 'json' };
import { isSessionId } from '../src/session-id.js';
import { associationProblem, MAX_ASSOCIATION_LENGTH } from '../src/session-info.js';
import { listen } from './http/hosts.js';
import { rawRequest, requestBytes } from './http/raw-request.js';
import { documentedPath, type Operation, resolve, schemaErrors } from './http/validate-response.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const TIME_LIMIT = 30_000;
const run = promisify(execFile);

const paths: Record<string, object> = openapi.paths;
const { schemas } = openapi.components;

/** The methods that a path lists, in capitals. */
const methodsOf = (path: string) =>
  Object.keys(paths[path] ?? {})
    .map((key) => key.toUpperCase())
    .filter((key) => METHODS.includes(key));

/** A router with the session "live" in its store, and a way to send it a request. */
async function start(options: SessionRouterOptions = {}, broken: Partial<SessionStore> = {}) {
  const store = createMemoryStore();
  await store.create('live', {});
  const router = createSessionRouter({ ...store, ...broken }, options);
  const { port } = await listen((req, res) =>
    router(req as never, res as never, () => res.writeHead(404).end('the app')),
  );
  return (line: string, headers: readonly string[] = [], body = '') => {
    const length = body ? [`Content-Length: ${body.length}`] : [];
    return rawRequest(port, requestBytes(line, [...headers, ...length], body));
  };
}

describe('openapi.json', () => {
  it('passes the linter', async () => {
    const { stderr } = await run('npm', ['run', '--silent', 'lint:openapi'], {
      cwd: ROOT,
      timeout: TIME_LIMIT,
    });
    expect(stderr).toContain('Your API description is valid');
  });

  it('is in the package, for require and for import', async () => {
    const require = createRequire(import.meta.url);
    expect(require('express-session-info/openapi.json')).toEqual(openapi);
    const program = `import openapi from 'express-session-info/openapi.json' with { type: 'json' };
      console.log(JSON.stringify(openapi));`;
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', program], {
      cwd: ROOT,
      timeout: TIME_LIMIT,
    });
    expect(JSON.parse(stdout)).toEqual(openapi);
  });
});

describe('the routes of openapi.json and of the router', () => {
  it('are at the same paths: the one route of the router, and of it the word "new"', () => {
    const routes = createSessionRouter().stack.flatMap(({ route }) => (route ? [route.path] : []));
    expect(routes).toEqual(['/sessions/:sessionId']);
    expect(Object.keys(paths).sort()).toEqual(['/sessions/new', '/sessions/{sessionId}']);
  });

  it.each([false, true])('have the same methods, with allowDelete: %s', async (allowDelete) => {
    const send = await start({ allowDelete });
    for (const path of Object.keys(paths)) {
      const url = path.replace('{sessionId}', 'live');
      const described = methodsOf(path).filter((method) => allowDelete || method !== 'DELETE');
      const served: string[] = [];
      for (const method of METHODS.filter((name) => name !== 'CONNECT')) {
        const { status, headers } = await send(`${method} ${url}`);
        if (status !== 405) served.push(method);
        else expect(headers.allow?.split(', ').sort(), `${method} ${path}`).toEqual([...described].sort());
      }
      expect(served.sort(), path).toEqual(described.sort());
    }
  });
});

describe('the responses of openapi.json and of the router', () => {
  it('have the same error codes, with the same statuses and messages', () => {
    const described: Record<string, object> = {};
    for (const [status, { schema, examples }] of describedErrors()) {
      expect(Object.keys(examples)).toEqual(schema.properties.error.properties.code.enum);
      for (const { value } of Object.values(examples)) {
        const { code, message } = value.error;
        const isNamingField = code === 'invalid_field' || code === 'ambiguous_header';
        described[code] = {
          status: Number(status),
          message: isNamingField ? expect.any(String) : message,
        };
      }
    }
    expect(ERRORS).toEqual(described);
  });

  it('are the same for each route and method: every described one occurs, and no other', async () => {
    const seen = new Set<string>();
    for (const { options, broken, requests } of PROBES) {
      const send = await start(options, broken);
      for (const [line, headers, body] of requests) {
        const [method = '', url = ''] = line.split(' ');
        const response = await send(line, headers, body);
        const path = documentedPath(url) as string;
        const operation = methodsOf(path).includes(method) ? method : 'another method';
        const code = response.body ? (JSON.parse(response.body).error?.code ?? '') : '';
        seen.add(`${operation} ${path}: ${response.status} ${code}`);
      }
    }
    expect([...seen].sort()).toEqual([...describedCodes()].sort());
  });
});

describe('the examples and limits of openapi.json', () => {
  it('every parameter, header and body has an example', () => {
    const without = [...nodesOf(openapi)].filter(
      ([, node]) => 'schema' in node && examplesOf(node).length === 0,
    );
    expect(without.map(([at]) => at)).toEqual([]);
  });

  it('every example is valid by its schema', () => {
    let count = 0;
    for (const [at, node] of nodesOf(openapi)) {
      for (const example of examplesOf(node)) {
        expect(schemaErrors((node.schema ?? node) as object, example), at).toBe('');
        count++;
      }
    }
    expect(count).toBeGreaterThan(40);
  });

  it.each(['a', 'A-Za.z0_9~', '0-0', '...', 'news', '', '.', '..', 'new', 'NeW', 'a b', 'a/b', 'é', 'a\n'])(
    'says whether %j is a session ID',
    (id) => {
      expect(schemaErrors(schemas.SessionId, id) === '').toBe(isSessionId(id));
    },
  );

  it('says how long session IDs, values and bodies may be', () => {
    for (const length of [128, 129]) {
      const id = 'x'.repeat(length);
      expect(schemaErrors(schemas.SessionId, id) === '').toBe(isSessionId(id));
    }
    const { agentId, customerId, visitId, globalVisitId } = schemas.SessionInfo.properties;
    const input = [schemas.Visit.properties.visitId, schemas.Visit.properties.globalVisitId];
    for (const schema of [agentId, customerId, visitId, globalVisitId, ...input, schemas.AssociationHeader]) {
      expect(schema.maxLength).toBe(MAX_ASSOCIATION_LENGTH);
    }
    expect(openapi.components.requestBodies.Visit.description).toContain(`${MAX_BODY_BYTES} bytes`);
  });

  it('says which characters a value may have', () => {
    for (const code of Array(0x180).keys()) {
      const value = `a${String.fromCharCode(code)}b`;
      for (const schema of [schemas.SessionInfo.properties.visitId, schemas.Visit.properties.visitId]) {
        expect(schemaErrors(schema, value) === '', `U+${code.toString(16)}`).toBe(
          associationProblem(value) === undefined,
        );
      }
    }
  });
});

interface ErrorContent {
  readonly schema: { properties: { error: { properties: { code: { enum: string[] } } } } };
  readonly examples: Record<string, { value: { error: { code: string; message: string } } }>;
}

/** All responses that are described, as [what, status, response]. */
function* describedResponses(): Generator<[string, string, { content?: { 'application/json': object } }]> {
  for (const [path, item] of Object.entries(paths)) {
    for (const [key, operation] of Object.entries(item)) {
      if (!methodsOf(path).includes(key.toUpperCase()) && key !== 'x-other-methods') continue;
      const name = key === 'x-other-methods' ? 'another method' : key.toUpperCase();
      for (const [status, response] of Object.entries((operation as Operation).responses)) {
        yield [`${name} ${path}`, status, resolve(response)];
      }
    }
  }
}

function describedErrors(): [string, ErrorContent][] {
  return [...describedResponses()].flatMap(([, status, { content }]) =>
    Number(status) >= 400 && content ? [[status, content['application/json'] as ErrorContent]] : [],
  );
}

/** As `GET /sessions/{sessionId}: 404 session_not_found`, without a code for a response that has none. */
function* describedCodes(): Generator<string> {
  for (const [what, status, { content }] of describedResponses()) {
    const schema = content?.['application/json'] as Partial<ErrorContent> | undefined;
    const codes = schema?.schema?.properties?.error?.properties.code.enum ?? [''];
    for (const code of codes) yield `${what}: ${status} ${code}`;
  }
}

type Probe = readonly [line: string, headers?: readonly string[], body?: string];

const ON_SESSION = ['GET', 'HEAD', 'POST', 'DELETE'].map((method): Probe => [`${method} /sessions/live`]);
const ON_ALL: readonly Probe[] = [['PUT /sessions/new'], ...ON_SESSION];
const WITH_INPUT = ['PUT /sessions/new', 'POST /sessions/live'];

const JSON_TYPE = 'Content-Type: application/json';

/** Requests that cause every response there is. */
const PROBES: readonly {
  readonly options?: SessionRouterOptions;
  readonly broken?: Partial<SessionStore>;
  readonly requests: readonly Probe[];
}[] = [
  {
    requests: [
      ...ON_ALL,
      ['POST /sessions/created'],
      ...['GET', 'HEAD', 'POST', 'DELETE', 'PATCH'].map((method): Probe => [`${method} /sessions/%zz`]),
      ...['GET', 'HEAD'].flatMap((method): Probe[] => [
        [`${method} /sessions/unknown`],
        [`${method} /sessions/live?extend=no`],
      ]),
      ['POST /sessions/0-0'],
      ['PATCH /sessions/live'],
      ['GET /sessions/new'],
      ...WITH_INPUT.flatMap((line): Probe[] => [
        [line, [JSON_TYPE], '{'],
        [line, [JSON_TYPE], '[]'],
        [line, [JSON_TYPE], '{"visitId":7}'],
        [line, ['gkc_agentId: one', 'gkc-agentId: two']],
        [line, [JSON_TYPE], ' '.repeat(MAX_BODY_BYTES + 1)],
        [line, ['Content-Type: text/plain'], 'text'],
        [line, [], '{"visitId":"v"}'],
      ]),
    ],
  },
  { options: { allowDelete: true }, requests: [['DELETE /sessions/live'], ['DELETE /sessions/live']] },
  { options: { acceptClientIds: false }, requests: [['POST /sessions/unknown']] },
  { options: { allowDelete: true, authorize: () => false }, requests: ON_ALL },
  {
    options: { allowDelete: true },
    broken: { create: fail, get: fail, update: fail, delete: fail },
    requests: ON_ALL,
  },
];

function fail(): never {
  throw new Error('the store is down');
}

type Node = Readonly<Record<string, unknown>>;

/** All objects of the document, each with the place where it is. */
function* nodesOf(node: unknown, at = '#'): Generator<[string, Node]> {
  if (typeof node !== 'object' || node === null) return;
  yield [at, node as Node];
  for (const [key, child] of Object.entries(node)) yield* nodesOf(child, `${at}/${key}`);
}

/** The examples of a parameter, header or media type, which has a schema, or of a schema itself. */
function examplesOf({ schema, example, examples = {} }: Node): unknown[] {
  if (Array.isArray(examples)) return examples;
  if (schema === undefined) return [];
  const named = Object.values(examples as Record<string, { value: unknown }>).map(({ value }) => value);
  return example === undefined ? named : [example, ...named];
}
