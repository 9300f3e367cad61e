import { MessageChannel } from 'node:worker_threads';

/**
 * Resolves once what is due in this turn of the event loop has run. By a message to ourselves: fake timers replace `setImmediate`, and
 * a module that they were there before never sees the real one. A channel that is kept open would keep a test runner's whole context.
 */
export function endOfTurn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port2.once('message', () => {
      port2.close();
      resolve();
    });
    port1.postMessage(undefined);
  });
}
