import { h } from './dom.js';

/** A button that copies the text of an element. A browser that may not (plain HTTP) selects the text instead. */
export function copyButton(source, name) {
  const button = h('button', { type: 'button', class: 'quiet copy', 'aria-label': `Copy ${name}` }, 'Copy');
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(source.textContent);
      button.textContent = 'Copied';
    } catch {
      getSelection().selectAllChildren(source);
      button.textContent = 'Selected';
    }
  });
  button.addEventListener('blur', () => {
    button.textContent = 'Copy';
  });
  return button;
}
