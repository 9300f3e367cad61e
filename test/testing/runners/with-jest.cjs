/* global test */
const { createMemoryStore } = require('express-session-info');
const { sessionStoreCases } = require('express-session-info/testing');

for (const { name, run } of sessionStoreCases((timeouts) => createMemoryStore({ ...timeouts, max: 1000 }))) {
  test(name, run);
}
