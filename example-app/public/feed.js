import { ask } from './ask.js';

const EVERY_MS = 1_000;
const AFTER_FAILURE_MS = 3_000;
const TO_BE_SURE_MS = 300;

/**
 * Looks at a session again and again, while the page is visible, and passes on what it finds: `{ state, session, requests, others,
 * formerIds, by }`, where the state is 'live', 'ended', 'locked' (a service key is needed) or 'lost' (no response; it tries again).
 *
 * Polling is simpler here than a connection that stays open, and it sees every change, also one by another process or by time. It does
 * not count as activity, so the session of a visitor who left expires although this page is open.
 */
export function createFeed({ headers, onView }) {
  let watched; // the ID that is watched
  let wanted; // another ID, to be watched next
  let askBrowser = false; // whether the session of this browser's cookie is wanted
  let view = {};
  let wasGone = false;
  let looking = false;
  let again = false;
  let timer;

  document.addEventListener('visibilitychange', look);

  /** One look at a time; `delay` undefined: no more. */
  async function look() {
    clearTimeout(timer);
    again = looking;
    if (looking || document.hidden) return;
    looking = true;
    const delay = await lookOnce().catch(lose);
    looking = false;
    if (again) look();
    else if (delay !== undefined) timer = setTimeout(look, delay);
  }

  async function lookOnce() {
    if (askBrowser) {
      const { status, body } = await ask('/desk', { headers: headers() });
      if (status === 403) return show('locked', {});
      if (status !== 200) throw new Error(`the desk responded with ${status}`);
      askBrowser = false;
      wanted = body.sessionId === watched ? undefined : body.sessionId;
    }
    if (watched === undefined) return begin();
    const { status, body } = await ask(`/desk/${encodeURIComponent(watched)}/live`, {
      credentials: 'omit',
      headers: headers(),
    });
    if (status === 403) return show('locked', {});
    if (status !== 200) throw new Error(`the desk responded with ${status}`);
    if (body.state === 'renewed') return follow(body.sessionId);
    // While a visitor logs in, the old ID may be gone a moment before the service knows its new one.
    if (body.state === 'gone' && !wasGone) {
      wasGone = true;
      return TO_BE_SURE_MS;
    }
    wasGone = false;
    // Only now: the session that is wanted may have been the one that is watched, under a new ID.
    if (wanted !== undefined) return begin();
    if (body.state !== 'live') return end(body.by);
    const { session, requests, others } = body;
    show('live', { session, requests, others });
    return EVERY_MS;
  }

  function begin() {
    if (wanted === undefined) return undefined;
    watched = wanted;
    wanted = undefined;
    view = { formerIds: [] };
    return 0;
  }

  function follow(sessionId) {
    view = { ...view, formerIds: [...view.formerIds, watched] };
    watched = sessionId;
    if (wanted === watched) wanted = undefined;
    wasGone = false;
    return 0;
  }

  function end(by) {
    show('ended', { by });
    watched = undefined;
    return undefined;
  }

  function lose() {
    show('lost', {});
    return AFTER_FAILURE_MS;
  }

  function show(state, changes) {
    view = { ...view, ...changes, state };
    onView(view);
  }

  return {
    look,
    watch(sessionId) {
      if (sessionId !== watched) wanted = sessionId;
      look();
    },
    /** The session of this browser's cookie, which the page itself can't read. */
    watchThisBrowser() {
      askBrowser = true;
      look();
    },
    sessionId: () => watched,
  };
}
