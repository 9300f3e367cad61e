import { type AssociationName, createSessionInfo, ownMember, type SessionInfo } from '../../session-info.js';
import { isoTime } from './iso-time.js';

/**
 * A session as a backend returns it: a member that is not associated is null or absent, and a time is ms since the epoch as a
 * number, a bigint or digits, depending on the client.
 */
export type SessionRecord = { readonly [Name in AssociationName]?: string | null | undefined } & {
  readonly createdAt: number | bigint | string;
  readonly updatedAt: number | bigint | string;
};

/** The session of a record. Reads own members only. Throws a RangeError for a record without times. */
export function fromRecord(sessionId: string, record: SessionRecord): SessionInfo {
  const { agentId, customerId, visitId, globalVisitId } = ownAssociations(record);
  return createSessionInfo({
    sessionId,
    agentId: agentId ?? undefined,
    customerId: customerId ?? undefined,
    visitId: visitId ?? undefined,
    globalVisitId: globalVisitId ?? undefined,
    createdAt: toTimestamp(ownMember(record, 'createdAt')),
    updatedAt: toTimestamp(ownMember(record, 'updatedAt')),
  });
}

/** A copy of the four members, in the order of `ASSOCIATION_NAMES` and `undefined` where absent. */
export function ownAssociations<Value>(source: { readonly [Name in AssociationName]?: Value | undefined }): {
  [Name in AssociationName]: Value | undefined;
} {
  return {
    agentId: ownMember(source, 'agentId'),
    customerId: ownMember(source, 'customerId'),
    visitId: ownMember(source, 'visitId'),
    globalVisitId: ownMember(source, 'globalVisitId'),
  };
}

/** `Number` would turn null and the empty text into 0. */
function toTimestamp(time: number | bigint | string | null | undefined): string {
  return isoTime(time === null || time === '' ? Number.NaN : Number(time));
}
