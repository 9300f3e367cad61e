import { MessageChannel } from 'node:worker_threads';

/**
 * Resolves once what is due in this turn of the event loop has run. By a message to ourselves, at about the cost of
 * `setImmediate`: fake timers replace that one, and a module that they were there before never sees the real one.
 */
export function endOfTurn(): Promise<void> {
  return new Promise((resolve) => {
    if (waiting.push(resolve) === 1) next.send();
  });
}

let waiting: (() => void)[] = [];
// A message sent from a port's own listener is received in the same turn, so the two take turns.
let [next, last] = [createSignal(), createSignal()];

function createSignal(): { send(): void } {
  const { port1, port2 } = new MessageChannel();
  port2.on('message', () => {
    // Only while somebody waits may it keep the process alive.
    port2.unref();
    [next, last] = [last, next];
    const due = waiting;
    waiting = [];
    for (const resolve of due) resolve();
  });
  port2.unref();
  return {
    send() {
      port2.ref();
      port1.postMessage(undefined);
    },
  };
}
