import { freshSessionId } from './fresh-names.js';
import { createSession } from './open-with-session.js';
import type { OpenStore, PromiseCases } from './run-case.js';
import { foundWith } from './session-assertions.js';

export const valueCases: PromiseCases = {
  'It gives values back exactly as they came': Object.fromEntries(
    Object.entries({
      'as long as may be': ['a'.repeat(256), '\u20ac'.repeat(256), '\u{1f600}'.repeat(128)],
      'characters outside the basic plane': [
        '\u{1f600}',
        '\u{1f469}\u200d\u{1f680}',
        '\u{20bb7}',
        '\u{10ffff}',
      ],
      'accented characters, composed and not': ['\u00e9', 'e\u0301', '\u1e9b\u0323', '\u212b', '\ufb01'],
      'spaces at both ends': [' a', 'a ', '  a  b  ', '\u00a0a\u00a0', '\u3000a'],
      'nothing but spaces': [' ', '   ', '\u00a0', '\u2003'],
      'characters that are not seen': ['\u200b', 'a\u00adb', '\ufeffa', 'a\ufeff', '\u2060'],
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
    }).map(([kind, values]) => [kind, (open: OpenStore) => areGivenBack(open, values)]),
  ),
};

/** In each member, by `create` and by `update`, in the answers and when read. */
async function areGivenBack(open: OpenStore, values: string[]): Promise<void> {
  const store = await open();
  let { id } = await createSession(store, {});
  for (const value of values) {
    const all = { agentId: value, customerId: value, visitId: value, globalVisitId: value };
    foundWith('update', await store.update(id, all), all);
    foundWith('get', await store.get(id), all);
    id = freshSessionId();
    foundWith('create', await store.create(id, all), all);
    foundWith('get', await store.get(id), all);
  }
}
