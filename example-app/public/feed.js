import { ask } from './ask.js';

const EVERY_MS = 1_000;
const AFTER_FAILURE_MS = 3_000;
const TO_BE_SURE_MS = 300;

/**
 * Looks at a session again and again, while the page is seen, and hands on what it finds: `{ state, session, requests,
 * formerIds }`, where the state is 'live', 'ended', 'locked' (a service key is needed) or 'lost' (no answer; it tries again).
 *
 * Asking is simpler here than being told, and sturdier: it needs no connection that stays open, and sees every change, also
 * one that another process made or that time made. It is a use of the session each time, which thus does not idle out.
 */
export function createFeed({ headers, onView }) {
  let watched; // the ID that is watched
  let wanted; // another ID, to be watched next
  let view = {};
  let wasGone = false;
  let looking = false;
  let timer;

  document.addEventListener('visibilitychange', look);

  /** One look at a time; `delay` undefined: no more. */
  async function look() {
    clearTimeout(timer);
    if (looking || document.hidden) return;
    looking = true;
    const delay = await lookOnce().catch(lose);
    looking = false;
    if (delay !== undefined) timer = setTimeout(look, delay);
  }

  async function lookOnce() {
    if (watched === undefined) return begin();
    const { status, body } = await ask(`/desk/${encodeURIComponent(watched)}/live`, {
      credentials: 'omit',
      headers: headers(),
    });
    if (status === 403) return show('locked', {});
    if (status !== 200) throw new Error(`the desk answered ${status}`);
    if (body.state === 'renewed') return follow(body.sessionId);
    // While a visitor logs in, the old ID may be dead a moment before it is known as what the session goes on.
    if (body.state === 'gone' && !wasGone) {
      wasGone = true;
      return TO_BE_SURE_MS;
    }
    wasGone = false;
    // Only now: the session that is wanted may have been the one that is watched, under a new ID.
    if (wanted !== undefined) return begin();
    if (body.state === 'gone') return end();
    show('live', { session: body.session, requests: body.requests });
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

  function end() {
    show('ended', {});
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
      if (sessionId === watched) return;
      wanted = sessionId;
      look();
    },
    sessionId: () => watched,
  };
}
