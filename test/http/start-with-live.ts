import { createMemoryStore, createSessionRouter, type SessionRouterOptions } from '../../src/index.js';
import { type Host, listen } from './hosts.js';
import { observedStore } from './observed-store.js';
import { request } from './request.js';
import { type RouteCode, respondWith } from './respond-with.js';
import { cookieOf, secret, setCookies, signedCookie } from './signed-cookie.js';

/**
 * A server with the router and one route of the app, and a store with the session `live`. `calls` are those that the store receives from the code of the route.
 */
export async function startWithLive(
  { listener, prefix }: Pick<Host, 'listener' | 'prefix'>,
  code: RouteCode,
  options: SessionRouterOptions = { cookie: { secret } },
) {
  const memory = createMemoryStore();
  const info = await memory.create('live', { agentId: 'a', visitId: 'v' });
  const store = observedStore(memory);
  const route = respondWith((req, res) => {
    store.calls.splice(0);
    return code(req, res);
  });
  const { url } = await listen(listener(createSessionRouter(store, options), route as never));
  const call = async (headers: Record<string, string> = { Cookie: signedCookie('live') }) => {
    const response = await request(url).get(`${prefix}/route`).set(headers);
    return { ...JSON.parse(response.text), cookies: setCookies(response), sent: cookieOf(response) };
  };
  return { memory, info, call, calls: store.calls, url };
}
