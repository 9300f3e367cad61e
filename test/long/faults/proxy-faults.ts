import { STORE_TIMEOUT } from './long.js';
import type { Fault } from './run-fault.js';
import type { TcpProxy } from './tcp-proxy.js';

/** The faults of a network between the app and its server. */
export function proxyFaults(at: { readonly proxy: TcpProxy }): Fault[] {
  const end = () => at.proxy.mend();
  return [
    {
      name: 'slow by storeTimeout − 50 ms',
      begin: () => at.proxy.delay(STORE_TIMEOUT - 50),
      end,
      harmless: true,
    },
    { name: 'slow by storeTimeout + 50 ms', begin: () => at.proxy.delay(STORE_TIMEOUT + 50), end },
    { name: 'network down', begin: () => at.proxy.hold(), end },
    { name: 'bytes swallowed', begin: () => at.proxy.swallow(), end },
    {
      name: 'connections gone silent',
      begin: () => at.proxy.swallow(),
      end: () => at.proxy.mend({ swallowed: 'silent' }),
      // Nothing tells the client but its own time-outs.
      goodWithin: 5000,
    },
  ];
}
