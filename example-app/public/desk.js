import { ask, utf8 } from './ask.js';
import { deskForms } from './desk-forms.js';
import { h, setText } from './dom.js';
import { createFeed } from './feed.js';
import { sessionCard } from './session-card.js';
import { timeLine } from './time-line.js';

/** The agent's side, in a section of its own. `watch` takes the ID of the session to look at. */
export function createDesk(root) {
  // In memory only: a reload asks for it again, and nothing of it stays in the browser.
  let serviceKey = '';
  let last = {};
  const forms = deskForms({ onKey: unlock, onTake: take });
  const live = h('p', { class: 'tag', id: 'live-tag' }, 'waiting');
  const note = h('p', { class: 'desk-note', role: 'status' });
  const card = h('div', { class: 'desk-part' });
  const line = h('div', { class: 'desk-part' });
  root.append(
    h('div', { class: 'pane-head' }, h('h2', { id: 'desk-title' }, 'Agent’s desk'), live),
    forms.key,
    note,
    forms.take,
    card,
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
    forms.show(view);
    setText(note, noteOn(view, serviceKey));
    const seen = JSON.stringify(view);
    if (seen === last.seen) return;
    card.replaceChildren(...sessionCard(view, last.view));
    line.replaceChildren(...timeLine(view, last.view));
    last = { seen, view };
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
      headers: { ...headers(), gkc_agentId: utf8(agentId) },
    });
    feed.look();
    if (status >= 400) return body.error.message;
    // The visitor was faster. A POST to an ID that names no live session makes one, as the API says.
    return status === 201 ? 'The session ended or changed its ID a moment ago. Please look again.' : '';
  }

  return { watch: feed.watch };
}

const TAGS = {
  waiting: 'waiting',
  live: 'live',
  ended: 'ended',
  locked: 'key needed',
  lost: 'no answer, trying again',
};

function noteOn({ state, session }, serviceKey) {
  if (state === 'locked') return serviceKey ? 'That is not the key of this service.' : '';
  if (!session) {
    return state === 'ended' ? 'No live session has this ID.' : 'The desk waits for a session to watch.';
  }
  if (state === 'ended') return 'The session has ended. This is what the desk saw last.';
  const { customerId, agentId } = session;
  const who = customerId
    ? `${customerId} is the customer of the whole session, also of what came before the login.`
    : 'An anonymous visitor. The requests belong together all the same.';
  return agentId ? `${who} ${agentId} has the session.` : who;
}
