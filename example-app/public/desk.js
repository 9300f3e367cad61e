import { ask, utf8 } from './ask.js';
import { deskForms } from './desk-forms.js';
import { h, setText } from './dom.js';
import { createFeed } from './feed.js';
import { noteOn, summaryOf } from './notes.js';
import { otherSessions } from './other-sessions.js';
import { sessionCard } from './session-card.js';
import { timeLine } from './time-line.js';

/** The agent's side, in a section of its own. `onView` gets a summary in one line. */
export function createDesk(root, { onView = () => {} } = {}) {
  // In memory only: a reload asks for it again, and nothing of it stays in the browser.
  let serviceKey = '';
  let last = {};
  const forms = deskForms({ onKey: unlock, onTake: take, onHandBack: handBack });
  const live = h('p', { class: 'tag', id: 'live-tag' });
  const note = h('p', { class: 'desk-note', role: 'status' });
  const open = h('p', { class: 'hint open-desk' });
  const others = otherSessions({ onEnd: end, onEndOthers: endOthers });
  const card = h('div', { class: 'desk-part' });
  const line = h('div', { class: 'desk-part' });
  root.append(
    h('div', { class: 'pane-head' }, h('h2', { id: 'desk-title' }, 'Agent’s desk'), live),
    forms.key,
    note,
    open,
    forms.take,
    card,
    others.element,
    line,
  );
  const feed = createFeed({ headers, onView: show });
  show({ state: 'waiting' });

  function headers() {
    return serviceKey ? { Authorization: `Bearer ${serviceKey}` } : {};
  }

  function show(view) {
    setText(live, TAGS[view.state]);
    live.dataset.state = view.state;
    forms.show(view, serviceKey);
    setText(note, noteOn(view, serviceKey));
    setText(open, openness(view, serviceKey));
    const seen = JSON.stringify(view);
    if (seen !== last.seen) {
      card.replaceChildren(...sessionCard(view, last.view));
      line.replaceChildren(...timeLine(view, last.view));
      others.show(view);
      last = { seen, view };
    }
    onView({ state: view.state, summary: summaryOf(view), sessionId: view.session?.sessionId });
  }

  function unlock(key) {
    serviceKey = key;
    feed.look();
  }

  /** The API itself: whoever may call it sets the agent for the whole session. */
  async function take(agentId) {
    const { status, body } = await ask(`/sessions/${encodeURIComponent(feed.sessionId())}`, {
      method: 'POST',
      credentials: 'omit',
      headers: { ...headers(), 'gkc-agentId': utf8(agentId) },
    });
    feed.look();
    if (status >= 400) return body.error.message;
    // The visitor was faster. A POST to an ID without a live session creates one, as the API says.
    return status === 201 ? 'The session ended or changed its ID a moment ago. Please check again.' : '';
  }

  async function handBack() {
    await remove(`${feed.sessionId()}/agent`);
    return '';
  }

  async function end(sessionId) {
    await remove(sessionId);
    return 'Ended one session.';
  }

  async function endOthers() {
    const { ended } = await remove(`${feed.sessionId()}/others`);
    return ended === 1 ? 'Ended one session.' : `Ended ${ended} sessions.`;
  }

  /** A session that is no longer there has ended: that is what the agent wants. */
  async function remove(path) {
    const { status, body } = await ask(`/desk/${path}`, {
      method: 'DELETE',
      credentials: 'omit',
      headers: headers(),
    });
    feed.look();
    if (status >= 400 && status !== 404) throw new Error(body.error.message);
    return status === 404 ? { ended: 0 } : body;
  }

  return { watch: feed.watch, watchThisBrowser: feed.watchThisBrowser };
}

const TAGS = {
  waiting: 'waiting',
  live: 'live',
  ended: 'ended',
  locked: 'key needed',
  lost: 'no response, trying again',
};

function openness({ state, session }, serviceKey) {
  if (state === 'locked' || !session) return '';
  return serviceKey
    ? 'Only callers with the service key can use this desk.'
    : 'This desk is open by design: anyone who can reach the demo can read, take and end sessions. Start it with SERVICE_KEY to restrict it.';
}
