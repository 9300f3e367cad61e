import { block } from './docs-pages.js';

/** Files that samples import and leave to the reader, by their names. A page may have its own. */
export const YOURS: Readonly<Record<string, string>> = {
  'check-password': `
    export async function checkPassword(body: { name?: string; password?: string } | undefined) {
      return body?.password === 'right' ? body.name : undefined;
    }`,
  'refuse-other-sites': block('security.md', 'refuse-other-sites').text,
  strategy: `
    import passport from 'passport';
    import { Strategy } from 'passport-local';

    passport.use(
      new Strategy((username, password, done) => done(null, password === 'right' ? { id: username } : false)),
    );`,
};
