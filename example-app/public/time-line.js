import { h } from './dom.js';
import { timeOfDay } from './session-card.js';

/** The requests of the session, the newest first, each with the customer of the session it belongs to. */
export function timeLine({ session, requests, state }, before) {
  if (!session || state === 'locked') return [];
  const known = new Set(before?.requests?.map(({ at, request }) => at + request));
  const login = requests.findLastIndex(({ request }) => request === LOGIN);
  const items = requests.map(({ at, request }, index) => {
    const kinds = [request === LOGIN && 'at-login', !known.has(at + request) && 'fresh'].filter(Boolean);
    return h(
      'li',
      { class: kinds.join(' ') },
      h('time', { datetime: at }, timeOfDay(at)),
      h('span', { class: 'what' }, h('strong', {}, describe(request)), h('code', {}, request)),
      owner(session.customerId, index < login),
    );
  });
  return [
    h(
      'h3',
      {},
      'Timeline ',
      h(
        'span',
        { class: 'count' },
        `${requests.length} ${requests.length === 1 ? 'request' : 'requests'} under one session`,
      ),
    ),
    h(
      'p',
      { class: 'hint' },
      'Part of this demo, not of the package: it keeps each request under ',
      h('code', {}, 'req.sessionInfo.sessionId'),
      '.',
    ),
    h('ol', { class: session.customerId ? 'line known' : 'line', reversed: true }, ...items.reverse()),
  ];
}

const LOGIN = 'POST /login';

function owner(customerId, beforeLogin) {
  if (customerId === undefined) return h('span', { class: 'owner' }, 'anonymous');
  return h('span', { class: 'owner' }, customerId, beforeLogin && h('small', {}, ' before login'));
}

/** A request in plain words. */
export function describe(request) {
  const [method, target] = request.split(' ');
  const [pathname, search] = target.split('?');
  const query = new URLSearchParams(search).get('q');
  if (request === LOGIN) return 'Logged in';
  if (request === 'POST /logout') return 'Logged out';
  if (method !== 'GET') return 'Another request';
  if (pathname === '/') return 'Opened the portal';
  if (pathname === '/articles') return query ? `Searched for “${query}”` : 'Looked at all articles';
  if (pathname.startsWith('/articles/')) return `Read ${pathname.slice('/articles/'.length)}`;
  return 'Another page';
}
