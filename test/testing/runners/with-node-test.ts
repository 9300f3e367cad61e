import { test } from 'node:test';
import { createMemoryStore } from '../../../src/stores/memory.js';
import { sessionStoreCases } from '../../../src/testing/index.js';

for (const { name, run } of sessionStoreCases((timeouts) => createMemoryStore({ ...timeouts, max: 1000 }))) {
  test(name, run);
}
