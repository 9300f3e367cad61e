import type { SessionRouterOptions } from '../../../src/index.js';

/** Those of the server under test: the first signs, all verify. */
export const SECRETS = ['the secret of today', 'the secret of yesterday'] as const;

/** The options of the server under test. */
export const OPTIONS: SessionRouterOptions = {
  cookie: { secret: SECRETS },
  sources: ['header', 'cookie', 'query'],
};
