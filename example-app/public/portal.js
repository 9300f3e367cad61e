import { ask } from './ask.js';
import { byId, h, setText } from './dom.js';

/** The visitor's side. It calls `onAction` after each request. The page knows a mask of the session ID, never the ID. */
export function startPortal({ onAction }) {
  const articles = byId('articles');
  let customerId;
  let found = { list: [], summary: '' };

  byId('search').addEventListener('submit', submit(search));
  byId('login').addEventListener('submit', submit(logIn));
  byId('logout').addEventListener('click', submit(logOut));
  byId('logout-everywhere').addEventListener('click', submit(logOutEverywhere));
  run(search);

  async function search() {
    const query = byId('query').value.trim();
    const response = await send(query ? `/articles?q=${encodeURIComponent(query)}` : '/articles');
    const { articles: list, sessionInfo, canLogOutEverywhere } = response;
    byId('everywhere').hidden = !canLogOutEverywhere;
    const number = `${list.length} ${list.length === 1 ? 'article' : 'articles'}`;
    found = { list, summary: query ? `${number} for “${query}”` : `All ${number}` };
    const wasLoggedOut = customerId !== undefined && sessionInfo?.customerId === undefined;
    showList();
    showSession(sessionInfo);
    if (wasLoggedOut) say(`${found.summary}. Your session was ended, so you are logged out.`);
  }

  async function read(id) {
    const { title, text } = await send(`/articles/${id}`);
    say('');
    const heading = h('h3', { tabindex: '-1' }, title);
    const back = h('button', { type: 'button', class: 'back' }, 'Back to the list');
    back.addEventListener('click', () => showList(id));
    articles.replaceChildren(h('article', {}, back, heading, h('p', {}, text)));
    heading.focus();
  }

  async function logIn() {
    const body = JSON.stringify({ customerId: byId('customer').value });
    const { session } = await send('/login', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body,
    });
    showSession(session);
    say('Logged in. The session continues under a new ID.');
    byId('logout').focus();
  }

  async function logOut() {
    await send('/logout', { method: 'POST' });
    loggedOut('Logged out: the session has ended.');
  }

  async function logOutEverywhere() {
    const { ended } = await send('/logout-everywhere', { method: 'POST' });
    const number = `${ended} ${ended === 1 ? 'session has' : 'sessions have'}`;
    loggedOut(`Logged out everywhere: ${number} ended.`);
  }

  function loggedOut(text) {
    showSession(undefined);
    say(`${text} The next search starts a new one.`);
    byId('query').focus();
  }

  /** The list, with the focus on the article that was read. */
  function showList(readId) {
    say(found.summary);
    const items = found.list.map(({ id, title }) => {
      const button = h('button', { type: 'button' }, title);
      button.addEventListener('click', () => run(() => read(id)));
      return { id, button };
    });
    articles.replaceChildren(
      h('ul', { class: 'results' }, ...items.map(({ button }) => h('li', {}, button))),
    );
    items.find(({ id }) => id === readId)?.button.focus();
  }

  function showSession(session) {
    customerId = session?.customerId;
    const isKnown = customerId !== undefined;
    setText(byId('session-tag'), session ? `session ${session.sessionId}` : 'no session yet');
    byId('session-tag').classList.toggle('known', isKnown);
    byId('login').hidden = isKnown;
    byId('logged-in').hidden = !isKnown;
    setText(byId('who'), customerId ?? '');
  }

  async function send(path, options) {
    const { status, body } = await ask(path, options).finally(onAction);
    if (status >= 400) throw new Error(body.error.message);
    return body;
  }
}

function submit(action) {
  return (event) => {
    event.preventDefault();
    run(action);
  };
}

/** Says what went wrong in the same place as what went well. */
async function run(action) {
  try {
    await action();
  } catch (error) {
    say(
      error instanceof TypeError || error.name === 'TimeoutError'
        ? 'The portal does not respond. Please try again.'
        : error.message,
    );
  }
}

function say(text) {
  setText(byId('portal-status'), text);
}
