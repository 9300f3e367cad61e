import type { Fault, Faults } from '../fault.js';
import { ARGUMENTS_COPIED, RESULT_COPIED } from '../promises.js';
import { type Backend, type Method, type Row, tick } from '../reference-store.js';

export const copiesFaults: Faults = {
  [RESULT_COPIED]: [
    {
      fault: 'returns what it stores',
      plant: (backend) => returningWhatItStores(backend, ['create', 'get', 'peek', 'update']),
    },
    ...(['create', 'get', 'peek', 'update'] as const).map(
      (method): Fault => ({
        fault: `returns what it stores to ${method}`,
        plant: (backend) => returningWhatItStores(backend, [method]),
        in: [`the result of ${method}`],
      }),
    ),
  ],

  [ARGUMENTS_COPIED]: [
    {
      fault: 'keeps the objects that it was given',
      plant(backend) {
        const kept = new WeakMap<Row['associations'], object[]>();
        const { merge, show } = backend;
        backend.merge = (own, given) => {
          const merged = merge(own, given);
          kept.set(merged, [...(kept.get(own) ?? []), given]);
          return merged;
        };
        backend.show = (id, row, method) => {
          const associations = (kept.get(row.associations) ?? []).reduce<Row['associations']>(merge, {});
          return show(id, { ...row, associations }, method);
        };
        backend.take = (given) => given;
      },
      in: [
        'the associations given to create',
        'the associations given to update',
        'the associations given to create, written to before it has returned',
        'the associations given to update, written to before it has returned',
      ],
    },
    {
      fault: 'removes members that are undefined from what it was given',
      plant(backend) {
        const { merge, take } = backend;
        function clean<Changes extends object>(changes: Changes): Changes {
          for (const [name, value] of Object.entries(changes)) {
            if (value === undefined) Reflect.deleteProperty(changes, name);
          }
          return changes;
        }
        backend.merge = (own, changes) => merge(own, clean(changes));
        backend.take = (changes) => take(clean(changes));
      },
      in: ['associations to which the store does not write'],
    },
    {
      fault: 'reads what it was given a while later',
      plant(backend, store) {
        backend.take = (given) => given;
        return {
          async create(id, associations) {
            await tick();
            return store.create(id, associations);
          },
          async update(id, associations) {
            await tick();
            return store.update(id, associations);
          },
        };
      },
      in: [
        'the associations given to create, written to before it has returned',
        'the associations given to update, written to before it has returned',
      ],
    },
  ],
};

function returningWhatItStores(backend: Backend, methods: readonly Method[]): void {
  const { merge, show } = backend;
  backend.show = (id, row, method) =>
    methods.includes(method) ? Object.assign(row.associations, show(id, row, method)) : show(id, row, method);
  // The result brought its ID and times with it.
  backend.merge = ({ agentId, customerId, visitId, globalVisitId }, given) =>
    merge({ agentId, customerId, visitId, globalVisitId }, given);
}
