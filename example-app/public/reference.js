import { ask } from './ask.js';
import { byId, h } from './dom.js';
import { examplesOf, fields, prose, resolver } from './reference-parts.js';

const METHODS = ['put', 'get', 'head', 'post', 'delete'];
const OTHER_METHODS = { 405: { $ref: '#/components/responses/MethodNotAllowed' } };

const main = byId('reference');
try {
  const { body } = await ask('/openapi.json');
  main.append(...reference(body));
  // The address may point to a part of the page that did not exist yet.
  if (location.hash) byId(location.hash.slice(1))?.scrollIntoView();
} catch {
  main.append(
    h('p', { class: 'notice', role: 'alert' }, 'The reference could not be loaded. Please reload the page.'),
  );
}

function reference(document) {
  const resolve = resolver(document);
  const routes = Object.entries(document.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method]).map((method) => ({
      path,
      method,
      item,
      operation: item[method],
    })),
  );
  const { info, components } = document;
  return [
    h(
      'div',
      { class: 'intro' },
      h('h1', {}, info.title),
      h('p', {}, `${info.summary} Version ${info.version}.`),
    ),
    h(
      'div',
      { class: 'columns' },
      contents(routes),
      h(
        'div',
        { class: 'body' },
        h('section', { class: 'part' }, ...prose(info.description)),
        ...routes.map((route) => routePart(route, resolve)),
        h(
          'section',
          { class: 'part', id: 'session-info' },
          h('h2', {}, 'SessionInfo'),
          ...prose(components.schemas.SessionInfo.description),
          fields(members(components.schemas.SessionInfo, resolve)),
        ),
        errorsPart(Object.values(components.responses), routes, resolve),
      ),
    ),
  ];
}

function contents(routes) {
  const links = routes.map(({ path, method, operation }) => [operation.operationId, routeName(method, path)]);
  return h(
    'nav',
    { class: 'contents', 'aria-label': 'On this page' },
    h(
      'ul',
      {},
      ...links.map(([id, name]) => h('li', {}, h('a', { href: `#${id}` }, name))),
      h('li', {}, h('a', { href: '#session-info' }, 'SessionInfo')),
      h('li', {}, h('a', { href: '#errors' }, 'Errors')),
    ),
  );
}

function routeName(method, path) {
  return [h('span', { class: `method ${method}` }, method.toUpperCase()), ' ', h('code', {}, path)];
}

function routePart({ path, method, item, operation }, resolve) {
  const parameters = [...(item.parameters ?? []), ...(operation.parameters ?? [])].map(resolve);
  const body = operation.requestBody && resolve(operation.requestBody);
  const visit = body && resolve(body.content['application/json'].schema);
  return h(
    'section',
    { class: 'part', id: operation.operationId },
    h('h2', {}, ...routeName(method, path)),
    h('p', { class: 'summary' }, operation.summary),
    ...prose(operation.description),
    h('h3', {}, 'Path and headers'),
    fields(
      parameters.map(({ name, in: where, required, description }) => ({
        name,
        where,
        required,
        description,
      })),
    ),
    body && [
      h('h3', {}, 'Body'),
      ...prose(body.description),
      fields(members(visit, resolve)),
      ...examplesOf(body),
    ],
    h('h3', {}, 'Responses'),
    h(
      'ul',
      { class: 'answers' },
      ...Object.entries({ ...OTHER_METHODS, ...operation.responses }).map(([status, response]) =>
        answer(status, resolve(response)),
      ),
    ),
  );
}

function answer(status, response) {
  const codes = codesOf(response);
  return h(
    'li',
    {},
    h('strong', {}, status),
    ` ${response.description}`,
    codes.flatMap((code) => [' ', h('a', { href: `#${code}` }, h('code', {}, code))]),
    // Those of errors are at the end, once.
    codes.length === 0 && examplesOf(response),
  );
}

function members(schema, resolve) {
  return Object.entries(schema.properties).map(([name, property]) => ({
    name,
    required: schema.required?.includes(name),
    description: resolve(property).description,
  }));
}

function codesOf(response) {
  return response.content?.['application/json'].schema?.properties?.error?.properties.code.enum ?? [];
}

/** Each code once, with the statuses with which the routes respond. */
function errorsPart(responses, routes, resolve) {
  const answers = routes.flatMap(({ item, operation }) =>
    Object.entries({ ...item['x-other-methods']?.responses, ...operation.responses }),
  );
  const examples = Object.assign(
    {},
    ...responses.map((response) => response.content?.['application/json'].examples),
  );
  const rows = [...new Set(responses.flatMap(codesOf))].map((code) => {
    const [status] = answers.find(([, response]) => codesOf(resolve(response)).includes(code)) ?? ['—'];
    return h(
      'div',
      { class: 'field', id: code },
      h('dt', {}, h('code', {}, code), h('span', { class: 'where' }, status)),
      h('dd', {}, `${examples[code].summary}: `, h('q', {}, examples[code].value.error.message)),
    );
  });
  return h(
    'section',
    { class: 'part', id: 'errors' },
    h('h2', {}, 'Errors'),
    h('p', {}, 'Rely on the code: messages may be reworded.'),
    h('pre', {}, JSON.stringify(examples.session_not_found.value)),
    h('dl', { class: 'fields' }, ...rows),
  );
}
