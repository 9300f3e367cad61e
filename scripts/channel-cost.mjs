// npm run figures:channels: what the diagnostics channels cost while nobody listens, into figures/channels.json. The CommonJS build, which
// has a file for each module, is copied three times: as it is, once more as it is, and without what publishes. Each process times the
// same calls on the copies in turns, in another order each round; a figure is the median of all rounds of all processes. The second
// copy tells what the first differs by from itself, which is how exact the comparison is.
import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

const ROOT = new URL('../', import.meta.url);
// Below node_modules, so that the copies find what the package depends on.
const COPIES = new URL('node_modules/.cache/channel-cost/', ROOT);
const VARIANTS = ['published', 'again', 'silent'];
// Who is loaded or timed first has an advantage, so each takes each place equally often.
const ORDERS = [
  [0, 1, 2],
  [2, 1, 0],
  [1, 2, 0],
  [0, 2, 1],
  [2, 0, 1],
  [1, 0, 2],
];
const [PROCESSES, ROUNDS, WARM_UP, CALLS] = [12, 600, 200, 500];

const SILENT = `
exports.__esModule = true;
exports.publishSession = () => {};
exports.publishIgnored = () => {};
exports.publishStoreFailure = () => {};
exports.traceStoreCall = (method, sessionId, call) => call();
`;

if (process.argv[2] === 'measure') console.log(JSON.stringify(await measure(process.argv[3])));
else await main();

async function main() {
  await makeCopies();
  const runs = Array.from({ length: PROCESSES }, (_, i) => {
    const order = ORDERS[i % ORDERS.length].map((place) => VARIANTS[place]);
    return JSON.parse(
      execFileSync(process.execPath, [import.meta.filename, 'measure', order.join()], { encoding: 'utf8' }),
    );
  });
  rmSync(COPIES, { recursive: true });
  const rows = Object.keys(runs[0]).map((call) => rowOf(call, runs));
  const figures = {
    title: 'The channels without a listener',
    columns: [
      { key: 'call', heading: 'call, on the memory store' },
      { key: 'published', heading: 'as it is, ns' },
      { key: 'silent', heading: 'without what publishes, ns' },
      { key: 'ratio', heading: 'ratio' },
      { key: 'same', heading: 'ratio of two copies as they are' },
      { key: 'node', heading: 'Node' },
    ],
    rows,
  };
  writeFileSync(new URL('figures/channels.json', ROOT), `${JSON.stringify(figures, null, 2)}\n`);
  console.table(rows);
}

async function makeCopies() {
  rmSync(COPIES, { recursive: true, force: true });
  for (const variant of VARIANTS)
    cpSync(new URL('dist/cjs/', ROOT), new URL(`${variant}/`, COPIES), { recursive: true });
  const silent = new URL('silent/', COPIES);
  writeFileSync(
    new URL('diagnostics.published.js', silent),
    readFileSync(new URL('published/diagnostics.js', COPIES)),
  );
  writeFileSync(new URL('diagnostics.js', silent), SILENT);
  const [published, replaced] = await Promise.all(
    ['diagnostics.published.js', 'diagnostics.js'].map(async (name) =>
      Object.keys(await import(new URL(name, silent))),
    ),
  );
  if (`${published}` !== `${replaced}`)
    throw new Error(`src/diagnostics.ts exports ${published}, and SILENT replaces ${replaced}: fix SILENT`);
}

/** The times of each round, in ns a call: { [call]: { [variant]: number[] } }. */
async function measure(order) {
  const variants = order.split(',');
  const calls = await Promise.all(variants.map((variant) => callsOf(new URL(`${variant}/`, COPIES))));
  const times = {};
  for (const call of Object.keys(calls[0])) {
    times[call] = Object.fromEntries(variants.map((variant) => [variant, []]));
    for (let round = 0; round < WARM_UP + ROUNDS; round++) {
      for (const place of ORDERS[round % ORDERS.length]) {
        const time = await timeOf(calls[place][call]);
        if (round >= WARM_UP) times[call][variants[place]].push(time);
      }
    }
  }
  return times;
}

async function timeOf(run) {
  const start = process.hrtime.bigint();
  await run(CALLS);
  return Number(process.hrtime.bigint() - start) / CALLS;
}

/** What is timed: a request to an app's route that identifies a session, an update in the app's own code, and one bare call to a store. */
async function callsOf(copy) {
  const { attachSession, createMemoryStore, updateSession } = await import(new URL('index.js', copy));
  const { guardOf } = await import(new URL('store-calls/store-guard.js', copy));
  const store = createMemoryStore();
  store.create('one', { customerId: 'customer-42' });
  const attach = attachSession(store);
  const guard = guardOf(store);
  const request = () => ({
    url: '/',
    headers: { gkc_sessionid: 'one' },
    rawHeaders: ['gkc_sessionId', 'one'],
  });
  const attached = (req) =>
    new Promise((resolve, reject) => attach(req, {}, (error) => (error ? reject(error) : resolve())));
  const known = request();
  await attached(known);
  if (known.sessionInfo?.customerId !== 'customer-42') throw new Error('the request has no session');
  return {
    'a request that identifies a session': async (times) => {
      for (let i = 0; i < times; i++) await attached(request());
    },
    '`updateSession`': async (times) => {
      for (let i = 0; i < times; i++) await updateSession(known, { visitId: 'visit-1' });
    },
    'one call of the store, as every request makes it': async (times) => {
      for (let i = 0; i < times; i++) guard.run((checked) => checked.get('one'));
    },
  };
}

function rowOf(call, runs) {
  const [published, again, silent] = VARIANTS.map((variant) =>
    median(runs.flatMap((run) => run[call][variant])),
  );
  return {
    call,
    published: Math.round(published),
    silent: Math.round(silent),
    ratio: (published / silent).toFixed(3),
    same: (published / again).toFixed(3),
    node: process.versions.node,
  };
}

function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1];
}
