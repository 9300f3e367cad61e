import { ask } from './ask.js';
import { byId, h, setText, shortId } from './dom.js';

/** The visitor's side. It calls `onSession` with the ID of the session that its requests belong to. */
export function startPortal({ onSession }) {
  const articles = byId('articles');
  let found = { list: [], summary: '' };

  byId('search').addEventListener('submit', submit(search));
  byId('login').addEventListener('submit', submit(logIn));
  byId('logout').addEventListener('click', submit(logOut));
  run(search);

  async function search() {
    const query = byId('query').value.trim();
    const { articles: list, sessionInfo } = await send(
      query ? `/articles?q=${encodeURIComponent(query)}` : '/articles',
    );
    const number = `${list.length} ${list.length === 1 ? 'article' : 'articles'}`;
    found = { list, summary: query ? `${number} for “${query}”` : `All ${number}` };
    showList();
    if (!sessionInfo) return;
    showSession(sessionInfo);
    onSession(sessionInfo.sessionId);
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
    say('Logged in. The session goes on, under a new ID.');
    byId('logout').focus();
  }

  async function logOut() {
    await send('/logout', { method: 'POST' });
    showSession(undefined);
    say('Logged out: the session has ended. The next search begins a new one.');
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
}

function showSession(session) {
  const customerId = session?.customerId;
  setText(byId('session-tag'), session ? `session ${shortId(session.sessionId)}` : 'no session yet');
  byId('session-tag').classList.toggle('known', customerId !== undefined);
  byId('login').hidden = customerId !== undefined;
  byId('logged-in').hidden = customerId === undefined;
  setText(byId('who'), customerId ?? '');
}

async function send(path, options) {
  const { status, body } = await ask(path, options);
  if (status >= 400) throw new Error(body.error.message);
  return body;
}

function submit(action) {
  return (event) => {
    event.preventDefault();
    run(action);
  };
}

/** What went wrong is the visitor's to read, in the same place as what went well. */
async function run(action) {
  try {
    await action();
  } catch (error) {
    say(
      error instanceof TypeError || error.name === 'TimeoutError'
        ? 'The portal does not answer. Please try again.'
        : error.message,
    );
  }
}

function say(text) {
  setText(byId('portal-status'), text);
}
