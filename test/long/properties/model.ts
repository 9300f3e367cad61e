import type { AssociationChanges, SessionAssociations } from '../../../src/session-info.js';
import type { SessionTimeouts } from '../../../src/stores/shared/session-timeouts.js';

interface ModelSession {
  associations: SessionAssociations;
  idleDeadline: number;
  readonly absoluteDeadline: number;
}

/** What a store must do, as short as possible: a clock in ms that only the test moves, and no backend. */
export class Model {
  readonly #sessions = new Map<string, ModelSession>();
  #now = 0;

  constructor(readonly timeouts: Required<{ [Name in keyof SessionTimeouts]: number }>) {}

  advance(milliseconds: number): void {
    this.#now += milliseconds;
  }

  create(id: string, associations: SessionAssociations): SessionAssociations | undefined {
    if (this.#live(id)) return undefined;
    const absoluteDeadline = this.#now + this.timeouts.absoluteTimeout;
    this.#sessions.set(id, { associations, idleDeadline: 0, absoluteDeadline });
    return this.#use(id);
  }

  get(id: string): SessionAssociations | undefined {
    return this.#live(id) && this.#use(id);
  }

  peek(id: string): SessionAssociations | undefined {
    return this.#live(id)?.associations;
  }

  update(id: string, changes: AssociationChanges): SessionAssociations | undefined {
    const session = this.#live(id);
    if (!session) return undefined;
    const merged = Object.entries({ ...session.associations, ...changes });
    session.associations = Object.fromEntries(merged.filter(([, value]) => value !== null));
    return this.#use(id);
  }

  delete(id: string): boolean {
    return this.#live(id) !== undefined && this.#sessions.delete(id);
  }

  #live(id: string): ModelSession | undefined {
    const session = this.#sessions.get(id);
    return session && this.#now < Math.min(session.idleDeadline, session.absoluteDeadline)
      ? session
      : undefined;
  }

  #use(id: string): SessionAssociations {
    const session = this.#sessions.get(id) as ModelSession;
    session.idleDeadline = this.#now + this.timeouts.idleTimeout;
    return session.associations;
  }
}
