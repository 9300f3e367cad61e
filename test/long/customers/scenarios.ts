import type { Choose } from './explore-choices.js';
import { MODEL_LIMITS, MODEL_SKEW, MODEL_TIMEOUT, type Program, type Scenario } from './model.js';
import { CUSTOMER } from './witness.js';

/** Picks the parts of a scenario, too, so that exploring all choices explores all scenarios. */
export type PickScenario = (choose: Choose) => Scenario;

/** Small enough for every order: whether an entry is there as long as its session, however late either comes. */
export const oneWriterInTime: PickScenario = (choose) =>
  scenario(choose, {
    before: BEFORE,
    writers: [WRITERS],
    reader: { nobody: async () => {} },
    jumps: JUMPS,
    skews: SKEWS,
    faults: 1,
  });

/** Small enough for every order: whether a reader may rely on what it has read, and a failed call has no bad effect. */
export const oneWriterAndReader: PickScenario = (choose) =>
  scenario(choose, {
    before: BEFORE,
    writers: [WRITERS],
    reader: READERS,
    jumps: { 'no time passes': [] },
    skews: [0],
    faults: 1,
  });

export const twoWritersAndReader: PickScenario = (choose) =>
  scenario(choose, {
    before: BEFORE,
    writers: [WRITERS, WRITERS],
    reader: READERS,
    jumps: { 'no time passes': [] },
    skews: [0],
    faults: 0,
  });

export const everything: PickScenario = (choose) =>
  scenario(choose, {
    before: BEFORE,
    writers: [WRITERS, WRITERS],
    reader: READERS,
    jumps: JUMPS,
    skews: SKEWS,
    faults: choose(2),
  });

type Programs = Record<string, Program>;
const other = 'd';

const BEFORE: Programs = {
  'no session': async () => {},
  'a session': async (store) => store.create('s', { customerId: CUSTOMER }),
  'a session of another': async (store) => store.create('s', { customerId: other }),
  'two sessions': async (store) => {
    await store.create('s', { customerId: CUSTOMER });
    await store.create('t', { customerId: CUSTOMER });
  },
};

const WRITERS: Programs = {
  'create s': async (store) => store.create('s', { customerId: CUSTOMER }),
  'create t': async (store) => store.create('t', { customerId: CUSTOMER }),
  'take s over': async (store) => store.update('s', { customerId: CUSTOMER }),
  'move s away': async (store) => store.update('s', { customerId: other }),
  'remove the customer of s': async (store) => store.update('s', { customerId: null }),
  'end s': async (store) => store.delete('s'),
  'end s, create it again': async (store) => {
    await store.delete('s');
    await store.create('s', { customerId: CUSTOMER });
  },
  'read s': async (store) => store.get('s'),
};

const READERS: Programs = {
  list: async (store) => store.listByCustomer(CUSTOMER),
  'list one': async (store) => store.listByCustomer(CUSTOMER, { limit: 1 }),
  'end all': async (store) => store.deleteByCustomer(CUSTOMER),
  'end all but t': async (store) => store.deleteByCustomer(CUSTOMER, { except: 't' }),
};

/** As late as the fence allows, and later; then on to the last moments of a session that was created then. */
const { fence } = MODEL_LIMITS;
const JUMPS = {
  'no time passes': [],
  'in time': [fence - 5, MODEL_TIMEOUT - 20],
  'in time by a clock that is behind': [fence + MODEL_SKEW - 5, MODEL_TIMEOUT - 20],
  'too late': [fence + MODEL_SKEW + 20, MODEL_TIMEOUT - 10],
  'soon, then for long': [40, MODEL_TIMEOUT - 60],
};
const SKEWS = [-MODEL_SKEW, 0, MODEL_SKEW];

interface Parts {
  readonly before: Programs;
  readonly writers: readonly Programs[];
  readonly reader: Programs;
  readonly jumps: Record<string, readonly number[]>;
  readonly skews: readonly number[];
  readonly faults: number;
}

function scenario(choose: Choose, parts: Parts): Scenario {
  const pick = <Part>(of: Record<string, Part>) =>
    Object.entries(of)[choose(Object.keys(of).length)] as [string, Part];
  const before = pick(parts.before);
  const writers = parts.writers.map(pick);
  const reader = pick(parts.reader);
  const jumps = pick(parts.jumps);
  const skew = parts.skews[choose(parts.skews.length)] ?? 0;
  return {
    name: [...[before, ...writers, reader, jumps].map(([name]) => name), `skew ${skew}`].join(' | '),
    before: before[1],
    writers: writers.map(([, program]) => program),
    reader: reader[1],
    jumps: jumps[1],
    skew,
    faults: parts.faults,
  };
}
