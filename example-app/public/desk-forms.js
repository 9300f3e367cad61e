import { copyButton } from './copy-button.js';
import { did, h, setText } from './dom.js';

/** The two forms of the desk: `key` asks for the service key, `take` sets the agent. `show` fits them to a view. */
export function deskForms({ onKey, onTake, onHandBack }) {
  const key = keyForm(onKey);
  const take = takeForm(onTake, onHandBack);

  function show(view, serviceKey) {
    key.hidden = view.state !== 'locked';
    take.form.hidden = view.state !== 'live';
    if (view.state === 'live') take.show(view.session, serviceKey);
  }

  return { key, take: take.form, show };
}

function keyForm(onKey) {
  const input = h('input', {
    id: 'service-key',
    type: 'password',
    required: true,
    autocomplete: 'off',
    pattern: '[!-~]+',
    title: 'Printable ASCII without spaces',
    'aria-describedby': 'key-hint',
  });
  const form = h(
    'form',
    { class: 'field-row key', hidden: true },
    h(
      'p',
      { id: 'key-hint' },
      'The desk is for services. This demo was started with SERVICE_KEY: type the same key here, and the desk sends it as ',
      h('code', {}, 'Authorization: Bearer …'),
      '. The page forgets it when it is closed.',
    ),
    h('label', { for: 'service-key' }, 'Service key'),
    input,
    h('button', {}, 'Open the desk'),
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    onKey(input.value);
  });
  return form;
}

function takeForm(onTake, onHandBack) {
  let session = {};
  let serviceKey = '';
  const input = h('input', {
    id: 'agent',
    value: 'agent-7',
    required: true,
    maxlength: '256',
    autocomplete: 'off',
    spellcheck: 'false',
  });
  const button = h('button', {}, 'Take this session');
  const handBack = h('button', { type: 'button', class: 'quiet' }, 'Hand back');
  const handBackRow = h('div', { class: 'action' }, handBack, did('updateSession(req, { agentId: null })'));
  const curl = h('code', {});
  const problem = h('p', { class: 'hint', role: 'status' });
  const form = h(
    'form',
    { class: 'field-row', hidden: true },
    h('label', { for: 'agent' }, 'Your agent ID'),
    input,
    button,
    h('div', { class: 'curl' }, h('pre', {}, curl), copyButton(curl, 'the curl command')),
    handBackRow,
    problem,
  );

  function update() {
    const { agentId, sessionId } = session;
    const isMine = agentId !== undefined && agentId === input.value;
    setText(button, isMine ? 'You have it' : agentId === undefined ? 'Take this session' : 'Take over');
    handBackRow.hidden = agentId === undefined;
    const hadFocus = document.activeElement === button;
    button.disabled = isMine;
    if (isMine && hadFocus) handBack.focus();
    setText(curl, takeByCurl(sessionId, input.value, serviceKey !== ''));
  }

  const report = (action) => async (event) => {
    event.preventDefault();
    setText(problem, await action().catch(() => 'The desk does not respond. Please try again.'));
  };
  form.addEventListener(
    'submit',
    report(() => onTake(input.value)),
  );
  handBack.addEventListener(
    'click',
    report(async () => {
      const result = await onHandBack();
      input.focus();
      return result;
    }),
  );
  input.addEventListener('input', update);

  function show(shown, key) {
    session = shown;
    serviceKey = key;
    update();
  }
  return { form, show };
}

function takeByCurl(sessionId, agentId, needsKey) {
  const key = needsKey ? ' -H "Authorization: Bearer $SERVICE_KEY"' : '';
  const header = `gkc-agentId: ${agentId}`.replaceAll("'", String.raw`'\''`);
  return `curl -X POST ${location.origin}/sessions/${sessionId}${key} -H '${header}'`;
}
