// Imports everything, in both builds, and does nothing: the process must be as before, and end by itself.
import assert from 'node:assert/strict';
import http from 'node:http';
import { createRequire } from 'node:module';
import 'express';

const objects = { globalThis, process, IncomingMessage: http.IncomingMessage.prototype, Error, Promise };

function globalState() {
  return {
    listeners: process.eventNames().map((name) => [String(name), process.listenerCount(name)]),
    members: Object.entries(objects).map(([name, object]) => [name, Reflect.ownKeys(object)]),
    environment: { ...process.env },
    resources: process.getActiveResourcesInfo(),
  };
}

const require = createRequire(import.meta.url);
const before = globalState();
for (const specifier of process.argv.slice(2)) {
  await import(specifier, specifier.endsWith('.json') ? { with: { type: 'json' } } : {});
  require(specifier);
}
assert.deepEqual(globalState(), before);
console.log('inert');
