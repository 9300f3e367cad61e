import type { IncomingMessage } from 'node:http';

/** The path of a request, as sent and without its query. Below a mount point Express keeps the whole target in `originalUrl`. */
export function requestPath(req: IncomingMessage & { readonly originalUrl?: string }): string {
  const [path = ''] = withoutFragment(req.originalUrl ?? req.url ?? '').split('?', 1);
  // A target such as `http://host/path` contains an origin too, and perhaps no path (RFC 9112, section 3.2.2).
  const [origin = ''] = ORIGIN.exec(path) ?? [];
  return path.slice(origin.length) || '/';
}

/** The values of one query parameter, percent-decoded. As in Express, a fragment is not part of the query. */
export function queryValues({ url = '' }: IncomingMessage, name: string): string[] {
  const start = url.indexOf('?');
  if (start === -1) return [];
  const query = withoutFragment(url).slice(start + 1);
  if (!query.includes(name) && !query.includes('%')) return [];
  // URLSearchParams would remove a question mark at the beginning.
  return new URLSearchParams(`&${query}`).getAll(name);
}

const ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/[^/]*/i;

function withoutFragment(target: string): string {
  const start = target.indexOf('#');
  return start === -1 ? target : target.slice(0, start);
}
