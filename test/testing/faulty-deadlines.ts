import { DELETE_RETURNS, PEEK_CHANGES_NOTHING, PEEK_RETURNS, TAKEN } from './promises.js';
import type { Backend, Method, Row } from './reference-store.js';

/** The cases of other methods that fail if activity does not restart the idle timeout. */
export const TAKEN_KEPT_ALIVE = `${TAKEN}: one that activity kept alive past its first deadline`;
export const PEEKED_KEPT_ALIVE = [
  `${PEEK_RETURNS}: a session that activity kept alive past its first deadline`,
  `${PEEK_CHANGES_NOTHING}: a peek after a get, which does not undo its activity`,
];
export const KEPT_ALIVE = [
  TAKEN_KEPT_ALIVE,
  ...PEEKED_KEPT_ALIVE,
  `${DELETE_RETURNS}: a live session that activity kept alive past its first deadline`,
];

/** Lets a method take a session for expired at the deadline that it was created with, active since or not. */
export function endAtFirstDeadline(backend: Backend, method: Method): void {
  const { createRow, live } = backend;
  const first = new WeakMap<Row, number>();
  backend.createRow = (associations) => {
    const row = createRow(associations);
    first.set(row, row.idleDeadline);
    return row;
  };
  backend.live = (id, by) => {
    const row = live(id, by);
    const isOver = by === method && row !== undefined && Date.now() >= (first.get(row) ?? 0);
    return isOver ? undefined : row;
  };
}

/** Leaves the deadline where it is if activity by a method would move it by less than a part of the idle timeout. */
export function skipSmallExtensions(backend: Backend, method: Method, part: number): void {
  const { createRow, extend } = backend;
  const least = new WeakMap<Row, number>();
  backend.createRow = (associations) => {
    const row = createRow(associations);
    least.set(row, (row.idleDeadline - row.createdAt) * part);
    return row;
  };
  backend.extend = (row, by) => {
    const before = row.idleDeadline;
    extend(row, by);
    if (by === method && row.idleDeadline - before < (least.get(row) ?? 0)) row.idleDeadline = before;
  };
}

/** Lets activity by a method count for calls of all methods but one other. */
export function hideActivity(backend: Backend, method: Method, other: Method): void {
  const { live, extend } = backend;
  const seen = new WeakMap<Row, number>();
  backend.extend = (row, by) => {
    if (by !== method) seen.delete(row);
    else if (!seen.has(row)) seen.set(row, row.idleDeadline);
    extend(row, by);
  };
  backend.live = (id, by) => {
    const row = live(id, by);
    const isOver =
      by === other && row !== undefined && Date.now() >= (seen.get(row) ?? Number.POSITIVE_INFINITY);
    return isOver ? undefined : row;
  };
}
