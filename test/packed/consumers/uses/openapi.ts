import assert from 'node:assert/strict';
import openapi from 'express-session-info/openapi.json' with { type: 'json' };

export async function use(): Promise<void> {
  assert.match(openapi.openapi, /^3\.1\./);
  assert.ok(openapi.paths['/sessions/new'].put.responses['201']);
}
