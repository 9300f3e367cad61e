import type { SessionAssociations } from '../../session-info.js';

/** The associations as the values of columns, in the order of the wire format: `null` for a member that is not associated. */
export function columnsOf({
  agentId,
  customerId,
  visitId,
  globalVisitId,
}: SessionAssociations): (string | null)[] {
  return [agentId ?? null, customerId ?? null, visitId ?? null, globalVisitId ?? null];
}
