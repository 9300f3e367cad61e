import { test } from 'node:test';
import { createMemoryStore, type MemoryStoreOptions } from '../../../src/stores/memory.js';
import { customerSessionsCases, sessionStoreCases } from '../../../src/testing/index.js';

const createStore = (timeouts: MemoryStoreOptions) => createMemoryStore({ ...timeouts, max: 1000 });

for (const kit of [sessionStoreCases, customerSessionsCases]) {
  for (const { name, run } of kit(createStore)) test(name, run);
}
