import type { SessionInfo } from '../../session-info.js';
import { fromRecord, type SessionRecord } from '../shared/session-record.js';

/** What a statement says of one session. Only a delete tells `live`. */
export interface SessionRow extends SessionRecord {
  readonly sessionId: string;
  readonly live?: boolean;
}

/** The rows that `query` returned. Throws a TypeError for anything but `{ rows }`. */
export function rowsOf(result: { readonly rows: readonly unknown[] }): readonly unknown[] {
  const rows: unknown = result?.rows;
  if (Array.isArray(rows)) return rows;
  throw new TypeError(
    'createPostgresStore: query must return { rows }, an array with an object for each row, as pool.query of pg does; if your client returns the array itself, pass async ({ text, values }) => ({ rows: await … })',
  );
}

/** The text in a column of a row. Throws a TypeError for a row that is not an object with the columns as members. */
export function textOf(row: unknown, column: string): string {
  const text = (row as Record<string, unknown> | null | undefined)?.[column];
  if (typeof text === 'string') return text;
  throw new TypeError(
    `createPostgresStore: query must return each row as an object, here with a string "${column}"`,
  );
}

/** A row of one of the sessions that were asked for. Throws an Error for that of another, from a client that mixes up results. */
export function parseRow(row: unknown, isAsked: (parsed: SessionRow) => boolean): SessionRow {
  const parsed: SessionRow = JSON.parse(textOf(row, 'session'));
  if (isAsked(parsed)) return parsed;
  throw new Error('createPostgresStore: query returned the row of another session');
}

/** The session of a row. Throws for one that somebody has edited into none. */
export function toSessionInfo(row: SessionRow | undefined): SessionInfo | undefined {
  return row && fromRecord(row.sessionId, row);
}
