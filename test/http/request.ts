import supertest from 'supertest';
import { validateResponse } from './validate-response.js';

const METHODS = ['get', 'head', 'put', 'post', 'patch', 'delete', 'options'] as const;

type Method = (typeof METHODS)[number];

/** supertest, which fails a test when the OpenAPI document does not describe an answer of our routes. */
export function request(app: Parameters<typeof supertest>[0]) {
  const client = supertest(app);
  const validated = (method: Method) => (path: string) =>
    client[method](path).expect(({ status, headers, text }) =>
      validateResponse({ method: method.toUpperCase(), path, status, headers, body: text ?? '' }),
    );
  return Object.fromEntries(METHODS.map((method) => [method, validated(method)])) as Record<
    Method,
    (path: string) => supertest.Test
  >;
}
