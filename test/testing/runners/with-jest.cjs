/* global test */
const { createMemoryStore } = require('express-session-info');
const { customerSessionsCases, sessionStoreCases } = require('express-session-info/testing');

const createStore = (timeouts) => createMemoryStore({ ...timeouts, max: 1000 });

for (const kit of [sessionStoreCases, customerSessionsCases]) {
  for (const { name, run } of kit(createStore)) test(name, run);
}
