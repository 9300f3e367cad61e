import { h, setText } from './dom.js';

/** The two forms of the desk: `key` asks for the service key, `take` sets the agent. `show` fits them to a view. */
export function deskForms({ onKey, onTake }) {
  const key = keyForm(onKey);
  const button = h('button', {}, 'Take this session');
  const take = takeForm(onTake, button);

  function show({ state, session }) {
    key.hidden = state !== 'locked';
    take.hidden = state !== 'live';
    setText(button, session?.agentId === undefined ? 'Take this session' : 'Take over');
  }

  return { key, take, show };
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
      'The desk is for services. This one was started with SERVICE_KEY: type the same here, and the desk shows it as ',
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

function takeForm(onTake, button) {
  const input = h('input', {
    id: 'agent',
    value: 'agent-7',
    required: true,
    maxlength: '256',
    autocomplete: 'off',
    spellcheck: 'false',
  });
  const problem = h('p', { class: 'hint', role: 'status' });
  const form = h(
    'form',
    { class: 'field-row', hidden: true },
    h('label', { for: 'agent' }, 'Your agent ID'),
    input,
    button,
    problem,
  );
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    setText(problem, await onTake(input.value).catch(() => 'The desk does not answer. Please try again.'));
  });
  return form;
}
