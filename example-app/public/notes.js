/** What the desk says about a view, in a sentence or two. */
export function noteOn({ state, session, by }, serviceKey) {
  if (state === 'locked') return serviceKey ? 'That is not the key of this service.' : '';
  if (!session) {
    return state === 'ended' ? 'No live session has this ID.' : 'The desk is waiting for a session to watch.';
  }
  if (state === 'ended') return `${ENDS[by] ?? ENDS.elsewhere} This is the last known state.`;
  const { customerId, agentId } = session;
  const who = customerId
    ? `${customerId} is the customer of the whole session, including what came before the login.`
    : 'An anonymous visitor, whose requests already belong together.';
  return agentId ? `${who} ${agentId} has the session.` : who;
}

const ENDS = {
  logout: 'The visitor logged out, so the session has ended.',
  login: 'Another customer logged in, so the session has ended.',
  desk: 'The desk ended the session.',
  elsewhere: 'The session has ended: it expired, or it was ended elsewhere.',
};

/** The same in one short line. */
export function summaryOf({ state, session, requests = [] }) {
  if (state === 'locked') return 'key needed';
  if (!session) return state === 'ended' ? 'no live session' : 'waiting';
  const { customerId = 'anonymous', agentId } = session;
  if (state === 'lost') return 'no response';
  if (state === 'ended') return `ended · ${customerId}`;
  const count = `${requests.length} ${requests.length === 1 ? 'request' : 'requests'}`;
  return [customerId, agentId, count].filter(Boolean).join(' · ');
}
