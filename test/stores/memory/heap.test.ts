import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

describe('createMemoryStore', () => {
  it('keeps of a long URL no more than the ID that was cut out of it', async () => {
    const bytes = await heapOf(`
      const store = createMemoryStore({ max: 1000 });
      for (let i = 0; i < 1000; i++) {
        const url = '/sessions/a-session-id-of-a-client-' + i + '?p=' + 'x'.repeat(12_000);
        store.create(decodeURIComponent(/^\\/sessions\\/([^?]+)/.exec(received(url))[1]), {});
      }`);
    expect(bytes / 1000).toBeLessThan(4000);
  });

  it('keeps nothing of a long header with which a session gets a customer', async () => {
    const bytes = await heapOf(`
      const store = createMemoryStore({ max: 1000 });
      for (let i = 0; i < 1000; i++) {
        store.create('a-session-id-of-a-client-' + i, {});
        const id = received('connect.sid=a-session-id-of-a-client-' + i + '; p=' + 'x'.repeat(12_000)).slice(12).split(';')[0];
        store.update(id, { customerId: 'customer-' + i });
      }`);
    expect(bytes / 1000).toBeLessThan(4000);
  });

  it('keeps nothing of customers without sessions', async () => {
    const bytes = await heapOf(`
      const store = createMemoryStore({ max: 100 });
      for (let i = 0; i < 200_000; i++) {
        const customerId = 'customer-' + (i >> 1);
        store.create('dropped-' + i, { customerId });
        store.create('moved-' + i, { customerId });
        store.update('moved-' + i, { customerId: 'other-' + i });
        store.create('ended-' + i, { customerId });
        store.deleteByCustomer(customerId);
      }`);
    expect(bytes).toBeLessThan(4_000_000);
  });
});

/** How many bytes a program leaves in the heap of a process of its own. */
async function heapOf(program: string): Promise<number> {
  const script = `
    import { createMemoryStore } from './src/stores/memory.ts';
    const received = (text) => Buffer.from(text).toString('latin1');
    const before = (gc(), process.memoryUsage().heapUsed);
    ${program}
    gc();
    console.log(process.memoryUsage().heapUsed - before);
    store.get('');`;
  const args = ['--expose-gc', '--import', 'tsx', '--input-type=module', '-e', script];
  const cwd = new URL('../../..', import.meta.url);
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd, timeout: 30_000 });
  return Number(stdout);
}
