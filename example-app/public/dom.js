/** An element with attributes (`false` and `undefined`: left out) and children (falsy ones too). Text stays text. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat().filter((child) => child || child === 0));
  return element;
}

/** The code that did what stands beside it. A test finds each in the example's own source. */
export function did(code, what) {
  return h('p', { class: 'did' }, what && `${what} `, h('code', {}, code));
}

/** The element of an ID in the page's own markup. */
export function byId(id) {
  return document.getElementById(id);
}

/** Sets text only when it changes, so that a live region says it once. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** The part of a session ID that tells sessions apart at a glance. */
export function shortId(sessionId) {
  return sessionId.length > 12 ? `${sessionId.slice(0, 8)}…` : sessionId;
}
