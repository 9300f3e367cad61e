import { did, h, setText, shortId } from './dom.js';
import { timeOfDay } from './session-card.js';
import { describe } from './time-line.js';

/** The customer's other sessions, on the desk. `onEnd` and `onEndOthers` return what to say about it. */
export function otherSessions({ onEnd, onEndOthers }) {
  const heading = h('h3', { tabindex: '-1' });
  const body = h('div', {});
  const status = h('p', { class: 'hint', role: 'status' });
  const element = h('div', { class: 'desk-part', hidden: true }, heading, body, status);

  function show({ state, session, others }) {
    element.hidden = state !== 'live' || session.customerId === undefined;
    if (element.hidden) return;
    setText(heading, `Other sessions of ${session.customerId}`);
    const focused = document.activeElement?.dataset.key;
    body.replaceChildren(...parts(others));
    if (focused !== undefined) refocus(focused);
  }

  function parts(others) {
    if (others === undefined) return [h('p', { class: 'hint' }, CANNOT_LIST)];
    if (others.length === 0) return [h('p', { class: 'hint' }, NONE), did(LIST)];
    const all = button('End all others', 'others', onEndOthers);
    return [
      h('ul', { class: 'others' }, ...others.map(item)),
      did(LIST, 'The list:'),
      did('endSession(req, res)', 'End one:'),
      h('div', { class: 'action' }, all, did('deleteByCustomer(customerId, { except: sessionId })')),
    ];
  }

  function item({ session, device = 'Unknown device', lastRequest }) {
    const { sessionId, createdAt, agentId } = session;
    const last = lastRequest && `${timeOfDay(lastRequest.at)} ${describe(lastRequest.request)}`;
    const facts = [last ?? `since ${timeOfDay(createdAt)}`, agentId].filter(Boolean).join(' · ');
    const watch = h('a', { href: `/desk.html#${encodeURIComponent(sessionId)}` }, shortId(sessionId));
    const end = button('End', sessionId, () => onEnd(sessionId), `End ${shortId(sessionId)}`);
    return h(
      'li',
      {},
      h('div', {}, h('strong', {}, device), ' ', watch, h('span', { class: 'facts' }, facts)),
      end,
    );
  }

  function button(text, key, action, label) {
    const element = h(
      'button',
      { type: 'button', class: 'quiet', 'data-key': key, 'aria-label': label },
      text,
    );
    element.addEventListener('click', async () => {
      setText(status, await action().catch((error) => failure(error)));
    });
    return element;
  }

  /** The list is built anew when it changes: the focus stays on the same button, or goes to the heading when that has gone. */
  function refocus(key) {
    const same = [...body.querySelectorAll('button')].find((candidate) => candidate.dataset.key === key);
    (same ?? heading).focus();
  }

  return { element, show };
}

const LIST = 'listByCustomer(customerId)';
const NONE =
  'None. Open this page in a private window or on your phone, and log in there as the same customer.';
const CANNOT_LIST =
  'The store of this demo is made for express-session and cannot list the sessions of a customer. Memory, Redis, PostgreSQL and SQLite can.';

function failure(error) {
  return error instanceof TypeError || error.name === 'TimeoutError'
    ? 'The desk does not respond. Please try again.'
    : error.message;
}
