import { createSessionInfo, type SessionAssociations, type SessionInfo } from '../../session-info.js';
import { isoTime } from './iso-time.js';

/**
 * A session as a backend gives it back: a member that is not associated is null or absent, and a time is ms since the epoch
 * as a number, a bigint or digits, whichever the client makes of it.
 */
export type SessionRecord = { readonly [Name in keyof SessionAssociations]?: string | null } & {
  readonly createdAt: number | bigint | string;
  readonly updatedAt: number | bigint | string;
};

/** The session of a record. Throws when the record is none. */
export function fromRecord(sessionId: string, record: SessionRecord): SessionInfo {
  return createSessionInfo({
    sessionId,
    agentId: record.agentId ?? undefined,
    customerId: record.customerId ?? undefined,
    visitId: record.visitId ?? undefined,
    globalVisitId: record.globalVisitId ?? undefined,
    createdAt: toTimestamp(record.createdAt),
    updatedAt: toTimestamp(record.updatedAt),
  });
}

/** Number would make 0 of null and of no digits. */
function toTimestamp(time: number | bigint | string | null): string {
  return isoTime(time === null || time === '' ? Number.NaN : Number(time));
}
