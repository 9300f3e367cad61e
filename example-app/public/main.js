import { copyButton } from './copy-button.js';
import { createDesk } from './desk.js';
import { byId, setText } from './dom.js';
import { startPortal } from './portal.js';

// All that the two sides share: after each action of the visitor the desk looks again. Which session to watch, it asks the service.
const desk = createDesk(byId('desk'), {
  onView({ state, summary, sessionId }) {
    byId('summary').dataset.state = state;
    setText(byId('summary'), summary);
    byId('desk-alone').hash = sessionId ?? '';
  },
});
startPortal({ onAction: desk.watchThisBrowser });
byId('install').append(copyButton(byId('install').firstChild, 'npm install'));
