import fc from 'fast-check';
import {
  ASSOCIATION_NAMES,
  type AssociationChanges,
  type SessionAssociations,
} from '../../../src/session-info.js';

/**
 * Every value that the API accepts: the rule of the README, written in another way than in the code. Without `size: 'max'` nothing
 * longer than a dozen characters or so would be tried, whatever `maxLength` says.
 */
export const acceptedValue: fc.Arbitrary<string> = fc
  .oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 256, size: 'max' }),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }),
    fc.string({ minLength: 1, maxLength: 20 }),
    fc.constantFrom(' ', '0', 'null', '__proto__', "'", '\\', '\ufeff', '\uffff', 'x'.repeat(256)),
  )
  .map((text) => [...text].filter((character) => !isControl(character)).join(''))
  .map((text) => text.slice(0, 256).toWellFormed())
  .filter((text) => text.length > 0);

export const associations: fc.Arbitrary<SessionAssociations> = fc.record(
  Object.fromEntries(ASSOCIATION_NAMES.map((name) => [name, acceptedValue])),
  { requiredKeys: [] },
);

/** Changes, some of which remove a member. */
export const changes: fc.Arbitrary<AssociationChanges> = fc.record(
  Object.fromEntries(ASSOCIATION_NAMES.map((name) => [name, fc.option(acceptedValue, { freq: 3 })])),
  { requiredKeys: [] },
);

export const sessionId: fc.Arbitrary<string> = fc
  .string({
    unit: fc.constantFrom(...'ABCXYZabcxyz0189-._~'),
    minLength: 1,
    maxLength: 128,
    size: 'max',
  })
  .filter((id) => !['.', '..', 'new'].includes(id.toLowerCase()) && /[^0-]/.test(id));

function isControl(character: string): boolean {
  const code = character.codePointAt(0) as number;
  return code < 0x20 || (code >= 0x7f && code <= 0x9f);
}
