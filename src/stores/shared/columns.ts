import type { AssociationChanges, SessionAssociations } from '../../session-info.js';
import { ownMember } from './own-member.js';

/** The associations as columns, in the order of `ASSOCIATION_NAMES`. A member that is not associated is null. */
export function columnsOf(associations: SessionAssociations): (string | null)[] {
  return [
    ownMember(associations, 'agentId') ?? null,
    ownMember(associations, 'customerId') ?? null,
    ownMember(associations, 'visitId') ?? null,
    ownMember(associations, 'globalVisitId') ?? null,
  ];
}

/**
 * Changes to these columns, for `nullif(coalesce(?, column), '')`: null leaves a column unchanged, and the empty text, which no
 * association can be, makes it null.
 */
export function changesOf(changes: AssociationChanges): (string | null)[] {
  return [
    change(ownMember(changes, 'agentId')),
    change(ownMember(changes, 'customerId')),
    change(ownMember(changes, 'visitId')),
    change(ownMember(changes, 'globalVisitId')),
  ];
}

function change(value: string | null | undefined): string | null {
  return value === null ? '' : (value ?? null);
}
