import { ASSOCIATION_NAMES, type AssociationChanges, type SessionAssociations } from '../../session-info.js';
import { ownMember } from './own-member.js';

/** The associations as columns, in the order of `ASSOCIATION_NAMES`. A member that is not associated is null. */
export function columnsOf(associations: SessionAssociations): (string | null)[] {
  return ASSOCIATION_NAMES.map((name) => ownMember(associations, name) ?? null);
}

/**
 * Changes to these columns, for `nullif(coalesce(?, column), '')`: null leaves a column unchanged, and the empty text, which no
 * association can be, makes it null.
 */
export function changesOf(changes: AssociationChanges): (string | null)[] {
  return ASSOCIATION_NAMES.map((name) => {
    const change = ownMember(changes, name);
    return change === null ? '' : (change ?? null);
  });
}
