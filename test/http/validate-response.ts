import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { expect } from 'vitest';
import openapi from '../../src/openapi.json' with { type: 'json' };

/** An answer as the client saw it, and what it answers. Header names in lower case; no body is ''. */
export interface SeenAnswer {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: string;
}

/** On the answers that a host gives itself to a request of our routes, as for a bug in one of its hooks. */
export const HOST_RESPONSE = 'x-host-answer';

/** What the OpenAPI document says of an operation, or of all methods that a path does not list. */
export interface Operation {
  readonly responses: Readonly<Record<string, object>>;
}

interface Header {
  readonly required: boolean;
  readonly schema: { readonly type: string };
}

interface Response {
  readonly headers: Readonly<Record<string, Header>>;
  readonly content?: { readonly 'application/json': { readonly schema: object } };
}

/**
 * Throws unless the OpenAPI document describes the answer: its path, method, status, headers (all that are required, none
 * that is not described), and body. Lets through what is not ours: other paths, and answers with the header HOST_RESPONSE.
 */
export function validateResponse(answer: SeenAnswer): void {
  const path = documentedPath(answer.path);
  if (path === undefined || HOST_RESPONSE in answer.headers) return;
  const what = `${answer.method} ${path}, ${answer.status}`;
  const { responses } = operationOf(path, answer.method);
  const described = responses[answer.status];
  expect(described, `openapi.json describes no answer ${what}`).toBeDefined();
  const response = resolve<Response>(described as object);
  validateHeaders(what, answer, response);
  validateBody(what, answer, response);
}

/** The path of the document under which a request falls, wherever the router is mounted. */
export function documentedPath(url: string): keyof typeof openapi.paths | undefined {
  const id = /\/sessions\/([^/?]+)\/?(?:\?.*)?$/i.exec(url)?.[1];
  if (id === undefined) return undefined;
  return id.toLowerCase() === 'new' ? '/sessions/new' : '/sessions/{sessionId}';
}

export function operationOf(path: keyof typeof openapi.paths, method: string): Operation {
  const item: Record<string, unknown> = openapi.paths[path];
  return (item[method.toLowerCase()] ?? item['x-other-methods']) as Operation;
}

/** A node of the document, or what it refers to. */
export function resolve<Node extends object>(node: object): Node {
  if (!('$ref' in node)) return node as Node;
  const names = String(node.$ref).split('/').slice(1);
  return names.reduce(
    (parent, name) => (parent as Record<string, object>)[name] as object,
    openapi as object,
  ) as Node;
}

/** What is wrong with a value by a schema of the document; '' for nothing. */
export function schemaErrors(schema: object, value: unknown): string {
  const validate = compiled.get(schema) ?? ajv.compile({ ...schema, components: openapi.components });
  compiled.set(schema, validate);
  return validate(value) ? '' : ajv.errorsText(validate.errors, { dataVar: 'value' });
}

// References begin at the root of the schema, so that the components are put there.
const ajv = new Ajv2020({ allErrors: true, keywords: ['components'] });
addFormats.default(ajv);
const compiled = new Map<object, ValidateFunction>();

function validateHeaders(what: string, { headers }: SeenAnswer, response: Response): void {
  const undescribed = new Set(Object.keys(headers));
  for (const name of OF_EVERY_SERVER) undescribed.delete(name);
  for (const [name, node] of Object.entries(response.headers)) {
    const { required, schema } = resolve<Header>(node);
    const values = [headers[name.toLowerCase()] ?? []].flat();
    if (required) expect(values, `${what} lacks the header ${name}`).toHaveLength(1);
    for (const value of values) {
      const parsed = schema.type === 'integer' ? Number(value) : value;
      expect(schemaErrors(schema, parsed), `${what}, header ${name}`).toBe('');
    }
    undescribed.delete(name.toLowerCase());
  }
  expect([...undescribed], `headers that openapi.json does not describe for ${what}`).toEqual([]);
}

const OF_EVERY_SERVER = [
  'connection',
  'content-length',
  'content-type',
  'date',
  'keep-alive',
  'x-powered-by',
];

function validateBody(what: string, { method, headers, body }: SeenAnswer, { content }: Response): void {
  expect(headers['content-type'], what).toBe('application/json; charset=utf-8');
  if (!content || method === 'HEAD') {
    expect(body, what).toBe('');
    return;
  }
  expect(schemaErrors(content['application/json'].schema, JSON.parse(body)), what).toBe('');
}
