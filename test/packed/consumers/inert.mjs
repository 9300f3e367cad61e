// Imports everything, in both builds, and does nothing: the process must be as before, and end by itself. One symbol of the global registry
// is allowed: both builds share one guard for each store by it.
import assert from 'node:assert/strict';
import http from 'node:http';
import { createRequire } from 'node:module';
import 'express';

const objects = { globalThis, process, IncomingMessage: http.IncomingMessage.prototype, Error, Promise };

function globalState() {
  return {
    listeners: process.eventNames().map((name) => [String(name), process.listenerCount(name)]),
    members: Object.entries(objects).map(([name, object]) => [
      name,
      Reflect.ownKeys(object).filter(isForeign),
    ]),
    environment: { ...process.env },
    resources: process.getActiveResourcesInfo(),
  };
}

function isForeign(key) {
  return typeof key !== 'symbol' || !Symbol.keyFor(key)?.startsWith('express-session-info.');
}

const require = createRequire(import.meta.url);
const before = globalState();
for (const specifier of process.argv.slice(2)) {
  await import(specifier, specifier.endsWith('.json') ? { with: { type: 'json' } } : {});
  require(specifier);
}
assert.deepEqual(globalState(), before);
console.log('inert');
