import type { AssociationChanges, SessionAssociations } from '../../session-info.js';
import { ownAssociations } from './own-associations.js';

/** The associations as columns, in the order of `ASSOCIATION_NAMES`. A member that is not associated is null. */
export function columnsOf(associations: SessionAssociations): (string | null)[] {
  return Object.values(ownAssociations(associations)).map((value) => value ?? null);
}

/**
 * Changes to these columns, for `nullif(coalesce(?, column), '')`: null leaves a column unchanged, and the empty text, which no
 * association can be, makes it null.
 */
export function changesOf(changes: AssociationChanges): (string | null)[] {
  return Object.values(ownAssociations(changes)).map((value) => (value === null ? '' : (value ?? null)));
}
