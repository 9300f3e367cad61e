/** The sentences of the specification that the faults of several files name. */
export const NOT_FOUND =
  '"Not found" is the value `undefined`; throwing or rejecting means that the backend failed';
export const ATOMIC = 'It is atomic: concurrent calls have the same effect as some sequence of these calls';
export const EXPIRED =
  'An expired session is not found, immediately, whether or not the backend has removed it';
export const EXACT_IDS = 'It compares IDs exactly: IDs are case-sensitive';
export const NO_SPECIAL_ID = 'No ID is special';
export const EXACT_VALUES = 'It returns values exactly as it received them';
export const RESULT_COPIED =
  'The return value is frozen or a copy: writing to it does not change the stored session';
export const ARGUMENTS_COPIED =
  'Its arguments are copied: writing to them afterwards does not change the stored session';
export const OTHERS = 'It does not touch any other session';
export const CREATE_RETURNS =
  'It returns the new session: the ID, the given associations, the two times, and nothing else';
export const CREATE_UNDEFINED = 'A member that is `undefined` is not associated';
export const CREATE_TIMES = "`createdAt` and `updatedAt` are the same time, by the store's clock";
export const TAKEN = 'If a live session has the ID, it returns `undefined` and changes nothing';
export const FREE =
  'The ID of a deleted or expired session is free again, and nothing of the old session remains';
export const ONE_CREATE = 'Of several concurrent creates of one ID, exactly one creates the session';
export const GET_RETURNS =
  'It returns the live session with the ID: the ID, its associations, the two times, and nothing else';
export const GET_CREATES_NOTHING = 'Without a live session it returns `undefined` and creates nothing';
export const GET_CHANGES_NOTHING = 'It changes neither the associations nor the two times';
export const GET_ACTIVITY = 'It counts as activity: the idle timeout restarts';
export const ABSOLUTE = 'Activity never extends a session past `absoluteTimeout`';
export const UPDATE_RETURNS =
  'It returns the session with the given members replaced; the other members stay';
export const UPDATE_UNDEFINED = 'A member that is `undefined` stays as it is';
export const UPDATE_TIMES =
  "It sets `updatedAt` by the store's clock, even if no member is given, and keeps `createdAt`";
export const UPDATE_CREATES_NOTHING =
  'It never creates a session: without a live session it returns `undefined` and changes nothing';
export const UPDATE_ACTIVITY = 'It counts as activity, like `get`';
export const NONE_LOST = 'Of several concurrent updates none is lost';
export const NEVER_APART = 'The members of one update are never seen apart';
export const DELETE_RETURNS = 'It returns whether this call ended a live session';
export const DELETED = 'The session is not found from then on';
export const NOT_REVIVED = 'An update in flight does not revive it';
export const PEEK_RETURNS = 'It returns what `get` would return';
export const PEEK_CHANGES_NOTHING = 'It changes nothing: the idle timeout goes on';
export const UPDATE_NULL = 'A member that is `null` is removed';
export const INCLUDED =
  'The result includes every live session whose association with the customer was confirmed before the call began and has not changed since';
export const CONFIRMED = 'An association is confirmed once any call has returned it';
export const EXCLUDED =
  "It includes no session that was not, at some moment during the call, live and the customer's";
export const EXACT_CUSTOMERS = 'It compares customer IDs exactly';
export const WRONG_OPTION = 'An unknown or wrong option throws or rejects with a TypeError, and ends nothing';
export const WRONG_CUSTOMER =
  'A `customerId` that is not a valid association throws or rejects with a TypeError';
export const SORTED = 'They are sorted by `createdAt`, newest first';
export const LIMIT = 'With `limit`, a whole number from 1 to 1000, it returns the newest ones';
export const DEFAULT_LIMIT = 'Default 100';
export const EMPTY = 'Without sessions it returns an empty list';
export const LIST_CHANGES_NOTHING = 'It does not count as activity and changes nothing';
export const LIST_COPIED = 'The list and its sessions are frozen or copies';
export const COUNT = 'It returns how many live sessions it ended';
export const ENDS_ALL = 'It ends all of them, without a limit, unless one changes during the call';
export const EXCEPT = 'It keeps the session whose ID is `except`';
export const MOVED =
  "It ends a session only while it is live and the customer's: never one that has moved to another customer";
export const RECREATED = 'It never ends a session that was created under the same ID after the one it read';
