import type { AssociationChanges, SessionAssociations } from '../../session-info.js';
import { ownAssociations } from './session-record.js';

/** The associations as columns, in the order of `ASSOCIATION_NAMES`. A member that is not associated is null. */
export function columnsOf(associations: SessionAssociations): (string | null)[] {
  const { agentId, customerId, visitId, globalVisitId } = ownAssociations(associations);
  return [agentId ?? null, customerId ?? null, visitId ?? null, globalVisitId ?? null];
}

/**
 * Changes to these columns, for `nullif(coalesce(?, column), '')`: null leaves a column unchanged, and the empty text, which no
 * association can be, makes it null.
 */
export function changesOf(changes: AssociationChanges): (string | null)[] {
  const { agentId, customerId, visitId, globalVisitId } = ownAssociations(changes);
  return [change(agentId), change(customerId), change(visitId), change(globalVisitId)];
}

function change(value: string | null | undefined): string | null {
  return value === null ? '' : (value ?? null);
}
