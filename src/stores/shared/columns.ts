import type { AssociationChanges, SessionAssociations } from '../../session-info.js';

/** The associations as columns, in the order of the wire format. A member that is not associated is null. */
export function columnsOf(associations: SessionAssociations): (string | null)[] {
  const { agentId, customerId, visitId, globalVisitId } = associations;
  return [agentId ?? null, customerId ?? null, visitId ?? null, globalVisitId ?? null];
}

/**
 * Changes to these columns, for `nullif(coalesce(?, column), '')`: null leaves a column unchanged, and the empty text, which no
 * association can be, makes it null.
 */
export function changesOf(changes: AssociationChanges): (string | null)[] {
  const { agentId, customerId, visitId, globalVisitId } = changes;
  return [agentId, customerId, visitId, globalVisitId].map((change) =>
    change === null ? '' : (change ?? null),
  );
}
