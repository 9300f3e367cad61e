import { sessionStoreCases } from './src/testing/index.js';
import { BROKEN_STORES } from './test/docs/broken-stores.js';
import { writeFileSync } from 'node:fs';
const out: string[] = [];
await Promise.all(Object.entries(BROKEN_STORES).map(async ([heading, create]) => {
  const lines: string[] = [];
  await Promise.all(sessionStoreCases(create).map(async ({ name, run }) => {
    await run().catch((e: Error) => lines.push(`   ${name}\n        => ${e.message.slice(0, 200)}`));
  }));
  out.push(`## ${heading}\n${lines.join('\n')}`);
}));
writeFileSync('/tmp/d2/out.txt', out.join('\n'));
