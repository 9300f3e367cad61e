import type { Fault, Faults } from '../fault.js';
import { EXACT_VALUES } from '../promises.js';

export const valuesFaults: Faults = {
  [EXACT_VALUES]: [
    damage('adds to everything but plain values', (value) => (PLAIN.test(value) ? value : `${value}?`)),
    damage('keeps 255 units', (value) => value.slice(0, 255), 'the longest values'),
    damage(
      'keeps 255 bytes',
      (value) => Buffer.from(value).subarray(0, 255).toString(),
      'the longest values',
    ),
    damage(
      'keeps characters of at most three bytes',
      (value) => value.replace(/[\u{10000}-\u{10ffff}]/gu, '?'),
      'the longest values',
      'characters outside the basic plane',
      'noncharacters',
    ),
    damage('composes accents', (value) => value.normalize('NFC'), 'accented characters, composed and not'),
    damage(
      'trims',
      (value) => value.trim(),
      'spaces at both ends',
      'spaces only',
      'invisible characters',
      'line and paragraph separators',
    ),
    {
      fault: 'trims one member in create, and another one in update',
      plant: (_, store) => ({
        create: (id, { customerId, ...others }) =>
          store.create(id, { ...others, ...(customerId && { customerId: customerId.trim() }) }),
        update: (id, { agentId, ...others }) =>
          store.update(id, {
            ...others,
            ...(agentId !== undefined && { agentId: agentId === null ? null : agentId.trim() }),
          }),
      }),
      in: ['spaces at both ends', 'spaces only', 'invisible characters', 'line and paragraph separators'],
    },
    damage(
      'drops a blank value',
      (value) => (/^\s*$/.test(value) ? undefined : value),
      'spaces only',
      'line and paragraph separators',
    ),
    damage('strips byte order marks', (value) => value.replaceAll('\ufeff', ''), 'invisible characters'),
    damage(
      'breaks lines',
      (value) => value.replace(/[\u2028\u2029]/g, '\n'),
      'line and paragraph separators',
    ),
    damage(
      'strips marks of direction',
      (value) => value.replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, ''),
      'marks of the direction of writing',
    ),
    damage(
      'replaces noncharacters',
      (value) => value.replace(/[\uffff\ufffe\ufdd0]/g, '\ufffd'),
      'noncharacters',
    ),
    damage('doubles quotes', (value) => value.replaceAll("'", "''"), 'quotes', 'backslashes', 'SQL'),
    damage('takes a backslash for an escape', (value) => value.replace(/\\(.)/g, '$1'), 'backslashes', 'SQL'),
    damage('formats', (value) => value.replace(/%[sdo%]/g, ''), 'what formats and templates replace'),
    damage(
      'escapes what LIKE knows',
      (value) => value.replace(/[%_]/g, '\\$&'),
      'what formats and templates replace',
      'SQL',
      'markup and URL escapes',
      'names that every object has',
      'JSON',
    ),
    damage(
      'parses what looks like JSON',
      (value) => {
        try {
          return String(JSON.parse(value));
        } catch {
          return value;
        }
      },
      'what formats and templates replace',
      'JSON',
      'numbers',
      'quotes',
    ),
    damage(
      'makes times uniform',
      (value) => (/^\d{4}-/.test(value) ? new Date(value).toISOString() : value),
      'times',
    ),
    damage(
      'takes a word for nothing',
      (value) => (value === 'null' || value === 'undefined' ? undefined : value),
      'words for nothing',
    ),
    damage(
      'looks values up in an object',
      (value) => (value in {} ? undefined : value),
      'names that every object has',
    ),
    damage('escapes markup', (value) => value.replaceAll('<', '&lt;'), 'markup and URL escapes'),
    damage('cuts at a bar', (value) => value.split('|')[0], 'separators of keys and columns'),
  ],
};

const PLAIN = /^value-[\da-f-]{36}$/;

function damage(fault: string, keep: (value: string) => string | undefined, ...kinds: string[]): Fault {
  return {
    fault,
    plant(backend) {
      backend.keep = keep;
    },
    ...(kinds.length > 0 && { in: kinds }),
  };
}
