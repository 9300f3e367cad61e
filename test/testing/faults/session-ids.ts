import type { Faults } from '../fault.js';
import { EXACT_IDS, NO_SPECIAL_ID, NOT_FOUND } from '../promises.js';
import type { Row } from '../reference-store.js';

export const sessionIdsFaults: Faults = {
  [EXACT_IDS]: [
    {
      fault: 'takes similar IDs for one',
      plant(backend) {
        backend.key = (id) =>
          /^[\d.]+(e0)?$/.test(id)
            ? String(Number(id))
            : (/kit-[\da-f-]{36}/i.exec(id)?.[0].toLowerCase() ?? id);
      },
    },
    {
      fault: 'ignores letter case',
      plant(backend) {
        backend.key = (id) => id.toLowerCase();
      },
      in: ['IDs that differ in letter case', 'IDs of 128 characters that differ in the last one'],
    },
    {
      fault: 'keeps 127 characters of an ID',
      plant(backend) {
        backend.key = (id) => id.slice(0, 127);
      },
      in: ['IDs of 128 characters that differ in the last one'],
    },
    {
      fault: 'replaces punctuation in an ID',
      plant(backend) {
        backend.key = (id) => (id.startsWith('kit-') ? id.replace(/[._~]/g, '-') : id);
      },
      in: ['IDs that differ in punctuation'],
    },
    {
      fault: 'turns IDs into numbers',
      plant(backend) {
        backend.key = (id) => (Number.isNaN(Number(id)) ? id : String(Number(id)));
      },
      in: ['IDs of digits that are the same number', 'IDs of digits too long for a number'],
    },
  ],

  [NO_SPECIAL_ID]: [
    {
      fault: 'takes only IDs of at least 16 characters',
      plant: (_, store) => ({
        create: (id, associations) => (id.length < 16 ? undefined : store.create(id, associations)),
      }),
    },
    {
      fault: 'keeps sessions in a plain object',
      plant(backend) {
        const rows: Record<string, Row> = {};
        backend.rows = {
          get: (key) => rows[key],
          set(key, row) {
            rows[key] = row;
          },
          delete: (key) => delete rows[key],
        };
      },
      in: ['names that every object has'],
      also: [`${NOT_FOUND}: names that every object has`],
    },
    {
      fault: 'get returns from a plain object of what it read',
      plant: (_, store) => ({
        get(id) {
          const read: Record<string, ReturnType<typeof store.get>> = {};
          read[id] = store.get(id);
          return Object.hasOwn(read, id) ? read[id] : undefined;
        },
      }),
      in: ['names that every object has'],
    },
  ],
};
