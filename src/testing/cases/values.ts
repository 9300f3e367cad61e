import { expectAssociations } from '../harness/expect-session.js';
import { allFour, freshSessionId } from '../harness/fresh.js';
import type { Check, PromiseCases } from '../harness/kit-cases.js';
import { createSession } from '../harness/open-with-session.js';
import type { StoreUnderTest } from '../harness/store-under-test.js';

export const valueCases: PromiseCases = {
  'It returns values exactly as it received them': Object.fromEntries(
    Object.entries({
      'the longest values': ['a'.repeat(256), '\u20ac'.repeat(256), '\u{1f600}'.repeat(128)],
      'characters outside the basic plane': [
        '\u{1f600}',
        '\u{1f469}\u200d\u{1f680}',
        '\u{20bb7}',
        '\u{10ffff}',
      ],
      'accented characters, composed and not': ['\u00e9', 'e\u0301', '\u1e9b\u0323', '\u212b', '\ufb01'],
      'spaces at both ends': [' a', 'a ', '  a  b  ', '\u00a0a\u00a0', '\u3000a'],
      'spaces only': [' ', '   ', '\u00a0', '\u2003'],
      'invisible characters': ['\u200b', 'a\u00adb', '\ufeffa', 'a\ufeff', '\u2060'],
      'line and paragraph separators': ['a\u2028b', 'a\u2029b', '\u2028'],
      'marks of the direction of writing': [
        '\u200fa\u200e',
        '\u202ea\u202c',
        '\u2067a\u2069',
        '\u05d0\u05d1 a',
      ],
      noncharacters: ['\uffff', '\ufffe', '\ufdd0', '\u{1ffff}', '\ufffd'],
      quotes: ["'", '"', '`', "''", '""', `O'Neil "Pat"`],
      backslashes: ['\\', '\\\\', 'a\\', '\\n', '\\u0000', '\\x00', "\\'"],
      'what formats and templates replace': [
        '%s',
        '%d %o %%',
        '$1',
        '$&',
        '\u0024{a}',
        '{}',
        '{0}',
        '{{a}}',
        ':a',
        '?',
      ],
      SQL: ["'; DROP TABLE sessions; --", "' OR '1'='1", '%', '_', '/*', 'a\\_b%'],
      JSON: ['{}', '[]', '{"visitId":"v"}', '"a"', '["a"]', '{"__proto__":{}}'],
      numbers: ['0', '007', '-0', '1e3', '1.50', '0x10', '9007199254740993', 'NaN', 'Infinity'],
      times: ['2026-01-31T12:00:00.000Z', '2026-01-31', '1769860800000'],
      'words for nothing': ['null', 'undefined', 'false', 'true', 'nil', 'NULL', 'cjson.null'],
      'names that every object has': [
        '__proto__',
        'constructor',
        'toString',
        'hasOwnProperty',
        '[object Object]',
      ],
      'markup and URL escapes': ['<b>&amp;</b>', '&#39;', '%41%00', 'a+b', 'a%20b', '=?utf-8?q?a?='],
      'separators of keys and columns': [':', 'a:b', ',', ';', '|', 'a,b;c|d', '/', '.', '*', '#'],
    }).map(([kind, values]) => [kind, areReturned(values)]),
  ),
};

/** In each member, by `create` and by `update`, in the results and when read. */
function areReturned(values: string[]): Check {
  return async (open) => {
    const store = await open();
    await Promise.all(values.map((value) => isReturned(store, value)));
  };
}

async function isReturned(store: StoreUnderTest, value: string): Promise<void> {
  const { id } = await createSession(store, {});
  const all = allFour(value);
  expectAssociations('update', await store.update(id, all), all);
  expectAssociations('get', await store.get(id), all);
  const created = freshSessionId();
  expectAssociations('create', await store.create(created, all), all);
  expectAssociations('get', await store.get(created), all);
  expectAssociations('peek', await store.peek(created), all);
}
