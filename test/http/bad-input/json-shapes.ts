import { badBody, type Category, created, error } from './bad-input.js';

const NO_OBJECT = error(400, 'invalid_body');

const noObjects = [
  'null',
  'true',
  'false',
  '0',
  '-0',
  '1',
  '-1.5e+300',
  '1e999',
  '""',
  '"v"',
  '"{}"',
  '"visitId"',
  '[]',
  '[{}]',
  '[{"visitId":"v"}]',
  '[["visitId","v"]]',
  '[null]',
  ' []',
  '\ufeff[]',
];

const repeated: [string, Record<string, string>][] = [
  ['{"visitId":"a","visitId":"b"}', { visitId: 'b' }],
  ['{"visitId":1,"visitId":"b"}', { visitId: 'b' }],
  ['{"visitId":"a","visitId":null}', {}],
  ['{"visitId":"a","visit\\u0049d":"b"}', { visitId: 'b' }],
  ['{"visitId":"a","VisitId":"b"}', { visitId: 'a' }],
  ['{"visitId":"a","visitId ":"b"}', { visitId: 'a' }],
  ['{"visitId":"a","visitId\\u0000":"b"}', { visitId: 'a' }],
  [`{${'"visitId":"a",'.repeat(1000)}"visitId":"b"}`, { visitId: 'b' }],
];

/** Not among the two members of a body, and so never stored. */
const unknown = [
  'agentId',
  'customerId',
  'sessionId',
  'createdAt',
  'updatedAt',
  'expiresAt',
  'idleDeadline',
  'cookie',
  'visitid',
  'visit_id',
  '',
  '$set',
  'length',
];

export const jsonShapes: Category = {
  name: 'JSON: other than objects, repeated and unknown keys',
  cases: [
    ...noObjects.map((body) => badBody(body, body, NO_OBJECT)),
    ...repeated.map(([body, stores]) => badBody(body.slice(0, 60), body, created(stores))),
    badBody(
      'of a repeated key the last is wrong',
      '{"visitId":"a","visitId":1}',
      error(400, 'invalid_field'),
    ),
    ...unknown.map((name) =>
      badBody(
        `unknown: ${JSON.stringify(name)}`,
        JSON.stringify({ [name]: 'x', visitId: 'v' }),
        created({ visitId: 'v' }),
      ),
    ),
    badBody(
      '1,000 unknown ones',
      JSON.stringify(Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`k${i}`, i]))),
      created(),
    ),
  ],
};
