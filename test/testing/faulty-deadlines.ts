import type { Backend, Method, Row } from './reference-store.js';

/** The cases of other methods that fail when a use does not start the idle timeout again. */
export const TAKEN_KEPT_ALIVE =
  'When a live session has that ID it answers `undefined`, and changes nothing: one that a use kept alive past its first deadline';
export const KEPT_ALIVE = [
  TAKEN_KEPT_ALIVE,
  'It answers whether a live session was ended by this call: a live session that a use kept alive past its first deadline',
];

/** Lets a method take a session for expired at the deadline that it was created with, used since or not. */
export function endAtFirstDeadline(backend: Backend, method: Method): void {
  const { make, live } = backend;
  const first = new WeakMap<Row, number>();
  backend.make = (associations) => {
    const row = make(associations);
    first.set(row, row.idleDeadline);
    return row;
  };
  backend.live = (id, by) => {
    const row = live(id, by);
    const isOver = by === method && row !== undefined && Date.now() >= (first.get(row) ?? 0);
    return isOver ? undefined : row;
  };
}

/** Leaves the deadline where it is when a use by a method would move it by less than half of the idle timeout. */
export function skipSmallExtensions(backend: Backend, method: Method): void {
  const { make, use } = backend;
  const least = new WeakMap<Row, number>();
  backend.make = (associations) => {
    const row = make(associations);
    least.set(row, (row.idleDeadline - row.createdAt) / 2);
    return row;
  };
  backend.use = (row, by) => {
    const before = row.idleDeadline;
    use(row, by);
    if (by === method && row.idleDeadline - before < (least.get(row) ?? 0)) row.idleDeadline = before;
  };
}

/** Lets a use by a method count for calls of all methods but one other. */
export function hideUses(backend: Backend, method: Method, other: Method): void {
  const { live, use } = backend;
  const seen = new WeakMap<Row, number>();
  backend.use = (row, by) => {
    if (by !== method) seen.delete(row);
    else if (!seen.has(row)) seen.set(row, row.idleDeadline);
    use(row, by);
  };
  backend.live = (id, by) => {
    const row = live(id, by);
    const isOver =
      by === other && row !== undefined && Date.now() >= (seen.get(row) ?? Number.POSITIVE_INFINITY);
    return isOver ? undefined : row;
  };
}
