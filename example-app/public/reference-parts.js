import { h } from './dom.js';

/** A function that returns what a `$ref` of the document stands for, and anything else as it is. */
export function resolver(document) {
  return function resolve(node) {
    if (!node.$ref) return node;
    const steps = node.$ref.slice(2).split('/');
    return resolve(
      steps.reduce((parent, step) => parent[step.replaceAll('~1', '/').replaceAll('~0', '~')], document),
    );
  };
}

/** Paragraphs of the document's prose, with its two kinds of Markdown: `code` and **strong**. */
export function prose(text = '') {
  return text.split('\n\n').map((paragraph) => h('p', {}, ...inline(paragraph)));
}

function inline(text) {
  return text.split(/(`[^`]+`|\*\*[^*]+\*\*)/).map((piece) => {
    if (piece.startsWith('`')) return h('code', {}, piece.slice(1, -1));
    return piece.startsWith('**') ? h('strong', {}, piece.slice(2, -2)) : piece;
  });
}

/** A list of names and what they mean: { name, where?, required?, description }. */
export function fields(list) {
  return h(
    'dl',
    { class: 'fields' },
    ...list.map(({ name, where, required, description }) =>
      h(
        'div',
        { class: 'field' },
        h(
          'dt',
          {},
          h('code', {}, name),
          where && h('span', { class: 'where' }, where),
          required && h('span', { class: 'where' }, 'required'),
        ),
        h('dd', {}, ...inline(description)),
      ),
    ),
  );
}

/** The examples of a request body or a response. */
export function examplesOf({ content }) {
  return Object.values(content?.['application/json'].examples ?? {}).map(({ summary, value }) =>
    h(
      'details',
      {},
      h('summary', {}, `Example: ${summary}`),
      h('pre', {}, JSON.stringify(value, undefined, 2)),
    ),
  );
}
