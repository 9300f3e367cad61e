import type { Faults } from '../fault.js';
import {
  ABSOLUTE,
  ATOMIC,
  DELETED,
  EXACT_IDS,
  EXPIRED,
  GET_RETURNS,
  NO_SPECIAL_ID,
  NONE_LOST,
  NOT_REVIVED,
  PEEK_RETURNS,
  RESULT_COPIED,
  TAKEN,
  UPDATE_CREATES_NOTHING,
  UPDATE_NULL,
  UPDATE_RETURNS,
  UPDATE_UNDEFINED,
} from '../promises.js';

export const updateFaults: Faults = {
  [UPDATE_RETURNS]: [
    {
      fault: 'takes a row that an update leaves as it is, within one ms, for one that is not there',
      plant(_, store) {
        const last = new Map<string, { readonly given: string; readonly at: number }>();
        return {
          update(id, changes) {
            const [given, now] = [JSON.stringify(changes), performance.now()];
            const { given: before, at = 0 } = last.get(id) ?? {};
            last.set(id, { given, at: now });
            const session = store.update(id, changes);
            return given !== '{}' && given === before && now - at < 50 ? undefined : session;
          },
        };
      },
      in: ['the same one given in ten calls at once'],
    },
    {
      fault: 'returns the deadline too',
      plant(backend) {
        const { show } = backend;
        backend.show = (id, row, method) => ({
          ...show(id, row, method),
          ...(method === 'update' && { expiresAt: row.idleDeadline }),
        });
      },
    },
    {
      fault: 'replaces all members',
      plant(backend) {
        const { merge } = backend;
        backend.merge = (_, given) => merge({}, given);
      },
      in: [
        'one given, of a session that has all four',
        'one after the other given, of a session that has none',
        'the same one given in ten calls at once',
        'none given',
      ],
      also: [
        `${PEEK_RETURNS}: a session that was updated`,
        `${ATOMIC}: several updates, whose results follow one another`,
        `${UPDATE_NULL}: each single member, while the others stay`,
        `${UPDATE_NULL}: one, while another is set`,
        `${UPDATE_NULL}: one that the session does not have`,
        `${UPDATE_NULL}: for good: the next update does not bring it back`,
        `${UPDATE_NULL}: and can be set again`,
        UPDATE_UNDEFINED,
        NONE_LOST,
        NO_SPECIAL_ID,
        `${GET_RETURNS}: one that was updated`,
        `${TAKEN}: its associations after an update`,
        `${RESULT_COPIED}: the result of update`,
        `${ATOMIC}: a create and an update, which finds nothing or what was created`,
      ],
    },
  ],

  [UPDATE_UNDEFINED]: [
    {
      fault: 'replaces a value by undefined',
      plant(backend) {
        const { merge } = backend;
        backend.merge = (own, given) =>
          Object.values(given).includes(null) ? merge(own, given) : { ...own, ...given };
      },
    },
  ],

  [UPDATE_NULL]: [
    {
      fault: 'stores null',
      plant(backend) {
        const { merge } = backend;
        backend.merge = (own, changes) => ({ ...merge(own, changes), ...(nullsOf(changes) as object) });
      },
      in: ['each single member, while the others stay', 'all four', 'one that the session does not have'],
    },
    {
      fault: 'takes null for undefined',
      plant(backend) {
        const { merge } = backend;
        backend.merge = (own, changes) => ({ ...merge(own, changes), ...ownOf(own, nullsOf(changes)) });
      },
      in: [
        'each single member, while the others stay',
        'all four',
        'one, while another is set',
        'for good: the next update does not bring it back',
      ],
      also: [`${NONE_LOST}: each removes another member, or sets one`],
    },
    {
      fault: 'turns null into text',
      plant(backend) {
        const { merge } = backend;
        backend.merge = (own, changes) => ({ ...merge(own, changes), ...textOf(nullsOf(changes)) });
      },
      in: [
        'each single member, while the others stay',
        'all four',
        'one, while another is set',
        'one that the session does not have',
        'for good: the next update does not bring it back',
      ],
      also: [`${NONE_LOST}: each removes another member, or sets one`],
    },
    {
      fault: 'removes all members if one is null',
      plant(backend) {
        const { merge } = backend;
        backend.merge = (own, changes) => merge(Object.values(changes).includes(null) ? {} : own, changes);
      },
      in: [
        'each single member, while the others stay',
        'one, while another is set',
        'one that the session does not have',
        'for good: the next update does not bring it back',
        'and can be set again',
      ],
      also: [`${NONE_LOST}: each removes another member, or sets one`],
    },
    {
      fault: 'removes a member in what it returns only',
      plant: (_, store) => ({
        update(id, changes) {
          const result = store.update(id, valuesOf(changes));
          if (!result) return undefined;
          return Object.fromEntries(
            Object.entries(result).filter(([name]) => !(name in nullsOf(changes))),
          ) as never;
        },
      }),
      in: [
        'each single member, while the others stay',
        'all four',
        'one, while another is set',
        'for good: the next update does not bring it back',
      ],
      also: [`${NONE_LOST}: each removes another member, or sets one`],
    },
    {
      fault: 'leaves out what is removed if members are set too',
      plant(backend) {
        const { merge } = backend;
        backend.merge = (own, changes) => {
          const set = Object.values(changes).some((value) => typeof value === 'string');
          return merge(set ? own : merge(own, changes), set ? valuesOf(changes) : changes);
        };
      },
      in: ['one, while another is set'],
    },
    {
      fault: 'brings a removed member back at the next update',
      plant(backend, store) {
        const removed = new Map<string, object>();
        return {
          update(id, changes) {
            const own = { ...backend.live(id, 'update')?.associations };
            const result = store.update(id, { ...removed.get(id), ...changes });
            removed.set(id, { ...removed.get(id), ...ownOf(own, nullsOf(changes)) });
            return result;
          },
        };
      },
      in: ['for good: the next update does not bring it back'],
      also: [`${NONE_LOST}: each removes another member, or sets one`],
    },
    {
      fault: 'never sets again what was removed',
      plant(backend) {
        const { merge } = backend;
        const removed = new WeakMap<object, object>();
        backend.merge = (own, changes) => {
          const gone = { ...removed.get(own), ...nullsOf(changes) };
          const merged = merge(own, { ...changes, ...gone });
          removed.set(merged, gone);
          return merged;
        };
      },
      in: ['and can be set again'],
    },
  ],

  [UPDATE_CREATES_NOTHING]: [
    {
      fault: 'keeps what it was given for the next session',
      plant(_, store) {
        const kept = new Map<string, object>();
        return {
          create(id, associations) {
            const result = store.create(id, { ...kept.get(id), ...associations });
            kept.delete(id);
            return result;
          },
          update(id, associations) {
            const result = store.update(id, associations);
            if (result === undefined) kept.set(id, { ...associations });
            return result;
          },
        };
      },
    },
    {
      fault: 'takes the ID from then on',
      plant(_, store) {
        const taken = new Set<string>();
        return {
          create: (id, associations) => (taken.has(id) ? undefined : store.create(id, associations)),
          update(id, associations) {
            const result = store.update(id, associations);
            if (result === undefined) taken.add(id);
            return result;
          },
        };
      },
    },
    {
      fault: 'creates a session and returns it',
      plant: (_, store) => ({
        update: (id, associations) =>
          store.update(id, associations) ?? store.create(id, associations as object),
      }),
      also: [
        `${EXPIRED}: update after the idle timeout`,
        `${EXPIRED}: update after the absolute timeout`,
        EXACT_IDS,
        NO_SPECIAL_ID,
        `${ABSOLUTE}: updates again and again`,
        `${ABSOLUTE}: updates again and again, each within the idle timeout`,
        `${DELETED}: by update`,
        `${NOT_REVIVED}: an update called just after the delete`,
        `${NOT_REVIVED}: many updates around the delete`,
      ],
    },
  ],
};

/** The members that are `null`. */
function nullsOf(changes: object): Record<string, null> {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value === null));
}

/** The members that are not `null`. */
function valuesOf(changes: object): object {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== null));
}

/** The members of a session that `names` has too. */
function ownOf(own: object, names: object): object {
  return Object.fromEntries(Object.entries(own).filter(([name]) => Object.hasOwn(names, name)));
}

function textOf(nulls: object): Record<string, string> {
  return Object.fromEntries(Object.keys(nulls).map((name) => [name, 'null']));
}
