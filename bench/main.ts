// npm run bench [-- SUITE…]: runs suites, and puts what they gave into results.json and RESULTS.md, in place of what they gave
// before. ROUNDS sets how many rounds; with fewer than 11, for a try, nothing is written.
import { runSuite } from './run-suite.ts';
import type { Section } from './section.ts';
import { attachSuite } from './suites/attach.ts';
import { expressSuite } from './suites/express.ts';
import { fastifySuite } from './suites/fastify.ts';
import { growthSuite } from './suites/growth.ts';
import { runLimits } from './suites/limits.ts';
import { runMemory } from './suites/memory.ts';
import { nodeSuite } from './suites/node.ts';
import { postgresSuite } from './suites/postgres.ts';
import { runProfile } from './suites/profile.ts';
import { redisSuite } from './suites/redis.ts';
import { runtimesSuite } from './suites/runtimes.ts';
import { writeSection } from './write-section.ts';

const rounds = Number(process.env.ROUNDS ?? 15);
const FEWEST_ROUNDS = 11;

const SUITES: Record<string, () => Promise<Section>> = {
  express: () => runSuite(expressSuite, rounds),
  node: () => runSuite(nodeSuite, rounds),
  fastify: () => runSuite(fastifySuite, rounds),
  attach: () => runSuite(attachSuite, rounds),
  redis: () => runSuite(redisSuite, rounds),
  postgres: () => runSuite(postgresSuite, rounds),
  runtimes: () => runSuite(runtimesSuite, rounds),
  growth: () => runSuite(growthSuite, rounds),
  memory: runMemory,
  profile: runProfile,
  limits: runLimits,
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in SUITES));
if (unknown.length > 0) {
  throw new Error(`no suite ${unknown.join(', ')}; there are ${Object.keys(SUITES).join(', ')}`);
}
for (const [name, run] of Object.entries(SUITES)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  console.log(`\n${name}`);
  const section = await run();
  if (rounds >= FEWEST_ROUNDS) writeSection(name, section, Object.keys(SUITES));
}
