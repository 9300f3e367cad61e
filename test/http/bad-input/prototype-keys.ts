import { badBody, type Category, created } from './bad-input.js';

const KEYS = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'valueOf',
  'toJSON',
  'hasOwnProperty',
  'isPrototypeOf',
  '__defineGetter__',
  '__lookupSetter__',
  'then',
];

const VALUES = [
  '{"visitId":"polluted","polluted":true}',
  '{"prototype":{"visitId":"polluted","polluted":true}}',
  '{"__proto__":{"globalVisitId":"polluted"}}',
  '{"get":"polluted"}',
  '["polluted"]',
  '"polluted"',
  '1',
  'null',
];

export const prototypeKeys: Category = {
  name: 'Keys that every object has',
  cases: KEYS.flatMap((key) =>
    VALUES.flatMap((value) => [
      badBody(`${key}: ${value}`, `{"${key}":${value}}`, created()),
      badBody(
        `${key}: ${value}, and a visit`,
        `{"visitId":"v","${key}":${value}}`,
        created({ visitId: 'v' }),
      ),
    ]),
  ),
};
