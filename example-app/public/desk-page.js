import { createDesk } from './desk.js';
import { byId } from './dom.js';

const desk = createDesk(byId('desk'));
const input = byId('session-id');

// The ID is in the fragment of the address, which a browser keeps to itself: it gets into no log on the way.
function watchFragment() {
  const sessionId = decodeURIComponent(location.hash.slice(1));
  input.value = sessionId;
  if (sessionId) desk.watch(sessionId);
}

byId('watch').addEventListener('submit', (event) => {
  event.preventDefault();
  location.hash = encodeURIComponent(input.value);
});
addEventListener('hashchange', watchFragment);
watchFragment();
