import { MessageChannel } from 'node:worker_threads';

/**
 * Resolves once what is due in this turn of the event loop has run. By a message to ourselves, which costs what `setImmediate`
 * does: fake timers replace that one, even where a module has kept it, if they were there first.
 */
export function endOfTurn(): Promise<void> {
  return new Promise((resolve) => {
    if (waiting.push(resolve) > 1) return;
    inbox.ref();
    outbox.postMessage(undefined);
  });
}

let waiting: (() => void)[] = [];
const { port1: outbox, port2: inbox } = new MessageChannel();
inbox.on('message', () => {
  // Only while somebody waits may it keep the process alive.
  inbox.unref();
  const due = waiting;
  waiting = [];
  for (const resolve of due) resolve();
});
inbox.unref();
