import { describe, expect, it } from 'vitest';
import { attachSession, createMemoryStore, createSessionRouter } from '../../src/index.js';

const store = createMemoryStore();
const secret = 'a secret';
const SECRET_VALUE = 'do-not-show-me';

describe('createSessionRouter throws at construction', () => {
  it.each<[string, object, RegExp]>([
    ['an unknown option', { alowDelete: true }, /unknown option "alowDelete"; use .*allowDelete/],
    ['extend, an option of attachSession', { extend: true }, /unknown option "extend"/],
    ['storeTimeout', { storeTimeout: '1s' }, /"storeTimeout" must be a whole number of milliseconds from 1/],
    ['storeTimeout 0', { storeTimeout: 0 }, /"storeTimeout" must be/],
    ['storeTimeout Infinity', { storeTimeout: Number.POSITIVE_INFINITY }, /"storeTimeout" must be/],
    ['storeTimeout over 2^31', { storeTimeout: 2 ** 31 }, /"storeTimeout" must be/],
    [
      'maxPendingStoreCalls',
      { maxPendingStoreCalls: -1 },
      /"maxPendingStoreCalls" must be a whole number of calls/,
    ],
    ['allowDelete', { allowDelete: 'yes' }, /"allowDelete" must be true or false/],
    ['acceptClientIds', { acceptClientIds: null }, /"acceptClientIds" must be true or false/],
    ['autoCreate', { autoCreate: 1, cookie: { secret } }, /"autoCreate" must be true or false/],
    ['autoCreate without cookie', { autoCreate: true }, /"autoCreate" needs option "cookie"/],
    ['identify', { identify: {} }, /"identify" must be a function/],
    ['authorize', { authorize: true }, /"authorize" must be a function/],
    ['generateId', { generateId: 'uuid' }, /"generateId" must be a function/],
    ['passOnStoreError', { passOnStoreError: 'yes' }, /"passOnStoreError" must be true or false/],
    [
      'sources',
      { sources: ['body'] },
      /"sources" must be a list of "header", "cookie", "query" and functions, each at most once/,
    ],
    ['sources that are a function', { sources: () => 'id' }, /"sources" must be a list/],
    ['sources that are a word', { sources: 'query' }, /"sources" must be a list/],
    ['sources empty', { sources: [] }, /"sources" must be/],
    ['sources twice', { sources: ['query', 'query'] }, /"sources" must be/],
    ['a wrong one among sources', { sources: ['query', 'body'] }, /"sources" must be/],
    ['sources of a prototype', { sources: ['constructor'] }, /"sources" must be/],
    [
      'the source "cookie" without option "cookie"',
      { sources: ['header', 'cookie'] },
      /source "cookie" needs option "cookie"/,
    ],
    [
      'option "cookie" without the source "cookie"',
      { sources: ['header'], cookie: { secret } },
      /option "cookie" needs "cookie" in option "sources"; add it, or leave "cookie" out/,
    ],
    [
      'autoCreate with sources that never find its cookie',
      { sources: ['header'], cookie: { secret }, autoCreate: true },
      /option "cookie" needs "cookie" in option "sources"/,
    ],
    ['cookie', { cookie: true }, /"cookie" must be an object/],
    ['cookie of a string', { cookie: SECRET_VALUE }, /"cookie" must be an object/],
  ])('%s', (_, options, message) => {
    expect(() => createSessionRouter(store, options)).toThrow(TypeError);
    expect(() => createSessionRouter(store, options)).toThrow(/^createSessionRouter: /);
    expect(() => createSessionRouter(store, options)).toThrow(message);
  });

  it.each<[string, object, RegExp]>([
    ['no secret', {}, /"secret" must be a non-empty string/],
    ['an empty secret', { secret: '' }, /"secret" must be/],
    ['no secrets', { secret: [] }, /"secret" must be/],
    ['an empty secret among others', { secret: [SECRET_VALUE, ''] }, /"secret" must be/],
    ['a secret of another type', { secret: 7 }, /"secret" must be/],
    ['an unknown option', { secret, signed: true }, /unknown option "signed"/],
    ['an empty name', { secret, name: '' }, /"name" must be a non-empty string$/],
    ['a name with a space', { secret, name: 'a b' }, /name is invalid.*RFC 6265/],
    ['a name with a semicolon', { secret, name: 'a;b' }, /name is invalid/],
    ['a name with an equals sign', { secret, name: 'a=b' }, /name is invalid/],
    ['a path with a semicolon', { secret, path: '/;' }, /path is invalid/],
    ['a domain with a line break', { secret, domain: 'a\r\nb' }, /domain is invalid/],
    ['maxAge of text', { secret, maxAge: '1h' }, /"maxAge" must be a whole number of milliseconds/],
    ['maxAge past the end of time', { secret, maxAge: 9e15 }, /"maxAge" must be/],
    ['secure', { secret, secure: 'yes' }, /"secure" must be true or false or "auto"/],
    ['sameSite', { secret, sameSite: 'loose' }, /"sameSite" must be/],
    ['priority', { secret, priority: 'urgent' }, /"priority" must be "low" or "medium" or "high"/],
    [
      'sameSite none without secure',
      { secret, sameSite: 'none' },
      /"sameSite": "none" needs option "secure": true/,
    ],
    ['sameSite none, auto', { secret, sameSite: 'none', secure: 'auto' }, /needs option "secure": true/],
    [
      'partitioned without secure',
      { secret, partitioned: true },
      /"partitioned" needs option "secure": true/,
    ],
    [
      '__Secure- without secure',
      { secret, name: '__Secure-sid' },
      /"__Secure-sid" needs option "secure": true/,
    ],
    ['__Host- without secure', { secret, name: '__Host-sid' }, /needs option "secure": true/],
    ['__host- in lower case', { secret, name: '__host-sid' }, /needs option "secure": true/],
    [
      'sameSite auto without HTTPS',
      { secret, sameSite: 'auto', secure: false },
      /"sameSite": "auto" needs option "secure"/,
    ],
    ['__Http- without secure', { secret, name: '__Http-sid' }, /needs option "secure": true/],
    [
      '__Host-Http- for scripts',
      { secret, name: '__Host-Http-sid', secure: true, httpOnly: false },
      /needs option "httpOnly": true/,
    ],
    [
      '__Http- for scripts',
      { secret, name: '__Http-sid', secure: true, httpOnly: false },
      /needs option "httpOnly": true/,
    ],
    ['a path of another type', { secret, path: 7 }, /"path" must be a path that begins with/],
    ['a path that is no path', { secret, path: 'shop' }, /"path" must be a path that begins with \//],
    ['a hole among the secrets', { secret: new Array(1) }, /"secret" must be/],
    [
      '__Host- with a path',
      { secret, name: '__Host-sid', secure: true, path: '/a' },
      /option "path" to be "\/"/,
    ],
    [
      '__Host- with a domain',
      { secret, name: '__Host-sid', secure: true, domain: 'e.com' },
      /no option "domain"/,
    ],
  ])('cookie with %s', (_, cookie, message) => {
    const construct = () => createSessionRouter(store, { cookie: cookie as never });
    expect(construct).toThrow(TypeError);
    expect(construct).toThrow(/^createSessionRouter: cookie: /);
    expect(construct).toThrow(message);
    expect(construct).not.toThrow(SECRET_VALUE);
  });

  it.each<[string, unknown, RegExp]>([
    ['null', null, /it lacks create, get, peek, update, delete/],
    ['an options object', { cookie: { secret } }, /it lacks create.*another store first, options second/],
    ['half a store', { get() {}, create() {} }, /it lacks peek, update, delete\./],
  ])('a store that is %s', (_, wrong, message) => {
    expect(() => createSessionRouter(wrong as never)).toThrow(message);
    expect(() => attachSession(wrong as never)).toThrow(/^attachSession: store must be a SessionStore/);
  });

  it.each([null, 'options', [], 7])('options that are %j', (options) => {
    expect(() => createSessionRouter(store, options as never)).toThrow(/options must be an object/);
  });

  it.each(['x__Host-sid', 'x__Secure-sid', 'x__Http-sid'])(
    'not for the name %s, which has no prefix',
    (name) => {
      const cookie = { secret, name, path: '/a', domain: 'e.com', httpOnly: false };
      expect(() => createSessionRouter(store, { cookie })).not.toThrow();
    },
  );

  it('not for undefined, which means the default', () => {
    const options = {
      sources: undefined,
      cookie: undefined,
      storeTimeout: undefined,
      allowDelete: undefined,
      passOnStoreError: undefined,
      identify: undefined,
    };
    expect(() => createSessionRouter(undefined, options)).not.toThrow();
  });
});

describe('attachSession throws at construction', () => {
  it.each<[string, object, RegExp]>([
    ['without a store', {}, /store must be/],
    ['an unknown option', { store, options: { allowDelete: true } }, /unknown option "allowDelete"/],
    ['extend', { store, options: { extend: 'no' } }, /"extend" must be true or false/],
  ])('%s', (_, args, message) => {
    const given = args as { store?: typeof store; options?: object };
    expect(() => attachSession(given.store as never, given.options)).toThrow(message);
  });

  it('not for functions among the sources, each of them once', () => {
    const one = () => undefined;
    const other = () => undefined;
    expect(() => attachSession(store, { sources: [one, 'header', other] })).not.toThrow();
    expect(() => attachSession(store, { sources: [one, one] })).toThrow(/each at most once/);
  });
});

describe('two middlewares of one store', () => {
  it('share its limits; two different values throw, in any order of mounting', () => {
    const shared = createMemoryStore();
    attachSession(shared);
    attachSession(shared, { storeTimeout: 500 });
    createSessionRouter(shared, { storeTimeout: 500, maxPendingStoreCalls: 10 });
    attachSession(shared);
    expect(() => attachSession(shared, { storeTimeout: 501 })).toThrow(
      /^attachSession: option "storeTimeout" is already 500 for this store; set it once/,
    );
    expect(() => attachSession(createMemoryStore(), { storeTimeout: 501 })).not.toThrow();
  });
});
