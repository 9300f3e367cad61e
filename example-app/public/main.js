import { createDesk } from './desk.js';
import { byId } from './dom.js';
import { startPortal } from './portal.js';

// All that the two sides share: the visitor's page says which session to watch. What happens to it the desk asks the service.
const desk = createDesk(byId('desk'));
startPortal({
  onSession(sessionId) {
    desk.watch(sessionId);
    byId('desk-alone').hash = sessionId;
  },
});
