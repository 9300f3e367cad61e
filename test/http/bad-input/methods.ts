import {
  type BadInput,
  bad,
  type Category,
  created,
  error,
  LIVE,
  type Outcome,
  refusedByNode,
} from './bad-input.js';

const NOT_ALLOWED = error(405, 'method_not_allowed');

/** Those that Node 20 knows, but for CONNECT, which Node hands to nobody. */
const methods = (
  'ACL BIND CHECKOUT COPY DELETE GET HEAD LINK LOCK M-SEARCH MERGE MKACTIVITY MKCALENDAR MKCOL MOVE NOTIFY OPTIONS PATCH POST ' +
  'PROPFIND PROPPATCH PURGE PUT REBIND REPORT SEARCH SOURCE SUBSCRIBE TRACE UNBIND UNLINK UNLOCK UNSUBSCRIBE'
).split(' ');

const served = ['GET', 'HEAD', 'POST'];

const ofNew = ['/sessions/new/', '/sessions/NEW/', '/SESSIONS/new'].flatMap((path) =>
  methods.map((method) =>
    bad(`${method} ${path}`, `${method} ${path}`, method === 'PUT' ? created() : NOT_ALLOWED),
  ),
);

const ofSession = [`/sessions/${LIVE}`, '/sessions/unknown', '/sessions/a%2fb', '/sessions/%6eew/'].flatMap(
  (path) =>
    methods
      .filter((method) => !served.includes(method))
      .map((method) => bad(`${method} ${path}`, `${method} ${path}`, NOT_ALLOWED)),
);

const undecodable = methods
  .filter((method) => !['GET', 'POST'].includes(method))
  .map((method) =>
    bad(`${method} /sessions/%zz`, `${method} /sessions/%zz`, error(400, 'invalid_session_id')),
  );

const overridden = ['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override'].map((header) =>
  bad(header, `GET /sessions/unknown`, error(404, 'session_not_found'), [`${header}: POST`]),
);

const noMethods = ['FOO', 'get', 'Post', 'GET\t', 'P\0UT', 'PÜT', '', 'POSTPOST'];

const lines: [string, Outcome][] = [
  ['GET sessions/a', refusedByNode()],
  ['GET', refusedByNode()],
  ['GET http://other.example/sessions/unknown', error(404, 'session_not_found')],
  ['HEAD /sessions/unknown', { status: 404 }],
  ['HEAD /sessions/a%2fb', { status: 400 }],
];

const versions: BadInput[] = ['HTTP/9.9', 'HTTP/', 'HTTPS/1.1', 'http/1.1'].map((version) => ({
  name: version,
  bytes: Buffer.from(`GET /sessions/unknown ${version}\r\nHost: localhost\r\n\r\n`),
  ...refusedByNode(),
}));

export const methodsAndPaths: Category = {
  name: 'Methods × paths',
  cases: [
    ...ofNew,
    ...ofSession,
    ...undecodable,
    ...overridden,
    ...noMethods.map((method) => bad(JSON.stringify(method), `${method} /sessions/unknown`, refusedByNode())),
    ...lines.map(([line, outcome]) => bad(line, line, outcome)),
    ...versions,
  ],
};
