import { randomUUID } from 'node:crypto';

/** An ID that no other session has, in this run of the kit or another on the same backend. */
export function freshSessionId(): string {
  return `kit-${randomUUID()}`;
}

/** Such an ID of digits only, more of them than a number holds exactly. */
export function freshDigits(): string {
  return `1${BigInt(`0x${randomUUID().replaceAll('-', '')}`)}`;
}

/** A value that no other association has, and nothing unusual in it. */
export function freshValue(): string {
  return `value-${randomUUID()}`;
}

/** All four associations, each with a value of its own. */
export function freshAssociations() {
  return {
    agentId: freshValue(),
    customerId: freshValue(),
    visitId: freshValue(),
    globalVisitId: freshValue(),
  };
}

/** Two members with one value: if they differ, they are of two updates. */
export function sameVisit() {
  const value = freshValue();
  return { visitId: value, globalVisitId: value };
}

/** All four members with one value, such as `undefined`. */
export function allFour<Value>(value: Value) {
  return { agentId: value, customerId: value, visitId: value, globalVisitId: value };
}
