import { did, h, shortId } from './dom.js';

/** SessionInfo as the API gives it, with the members that it does not have yet. What has just changed is marked. */
export function sessionCard({ session, formerIds = [], state }, before) {
  if (!session || state === 'locked') return [];
  const old = before?.session ?? session;
  const rows = MEMBERS.filter(({ always, name }) => always || session[name] !== undefined).map(
    ({ name, show, from }) => {
      const value = session[name];
      const fresh = value !== old[name] && !name.endsWith('At');
      return h(
        'div',
        { class: ['member', from, fresh && 'fresh'].filter(Boolean).join(' ') },
        h('dt', {}, name),
        value === undefined ? h('dd', { class: 'absent' }, 'none') : h('dd', {}, show ? show(value) : value),
      );
    },
  );
  return [
    h('h3', {}, 'SessionInfo'),
    h('dl', { class: 'session' }, ...rows),
    formerIds.length > 0 &&
      h(
        'p',
        { class: 'former' },
        `Before the login its ID was ${formerIds.map(shortId).join(', ')}, which is no longer valid.`,
      ),
    did('attachSession(store, { sources: [idInPath], extend: false })', 'Looking is not activity:'),
    did('updateSession(req, { visitId })', 'The first request began the visit:'),
  ].filter(Boolean);
}

const MEMBERS = [
  { name: 'sessionId', always: true },
  { name: 'customerId', always: true, from: 'of-customer' },
  { name: 'agentId', always: true, from: 'of-agent' },
  { name: 'visitId', always: true },
  { name: 'globalVisitId' },
  { name: 'createdAt', always: true, show: time },
  { name: 'updatedAt', always: true, show: time },
];

function time(iso) {
  return h('time', { datetime: iso }, `${timeOfDay(iso)}`);
}

/** In the viewer's own time zone. */
export function timeOfDay(iso) {
  return new Date(iso).toLocaleTimeString([], {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hour12: false,
  });
}
