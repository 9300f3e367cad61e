import { expect, it, onTestFinished } from 'vitest';
import { block } from '../docs/docs-pages.js';
import { runSample } from '../docs/sample-process.js';
import { eventually } from '../servers/eventually.js';
import { freePort } from '../servers/free-port.js';
import { needs } from '../servers/needs.js';
import { startRedis } from '../servers/redis.js';
import { send } from './send.js';
import { nginxTwoServers } from './sites.js';

/** The app of docs/deployment.md, with a route that says which process responds. */
const FILES = {
  'node-redis.ts': block('stores.md', 'node-redis').text,
  'main.ts': `${block('deployment.md', 'shutdown').text}
app.post('/', (_req, res) => res.json(process.pid));
server.once('listening', () => process.send?.(process.env.PORT));`,
};

needs('nginx')('two processes behind nginx', () =>
  needs('redis-server')('as the docs have them', () => {
    it('lose no POST when each is restarted, twice', async () => {
      const redis = await startRedis();
      onTestFinished(() => redis.stop());
      const start = (port: number) =>
        runSample('main.ts', FILES, {
          SESSION_SECRET: 'a secret of this test',
          REDIS_URL: redis.url,
          PORT: `${port}`,
        });
      const ports = [await freePort(), await freePort()] as const;
      const processes = await Promise.all(ports.map(start));
      const { url } = await nginxTwoServers({ port: ports[0] }, { port: ports[1] });

      const lost: unknown[] = [];
      const served: string[] = [];
      let stopped = false;
      async function visit() {
        while (!stopped) {
          const { status, body } = await send(url, 'POST /');
          if (status === 200) served.push(body);
          else lost.push(status);
        }
      }
      // One request at a time: nginx then opens no connection while it has an idle one, so nothing depends on timing.
      const visits = visit();
      onTestFinished(async () => {
        stopped = true;
        await visits;
      });
      const moreAreServed = () => {
        const before = served.length;
        return eventually('no request was served', async () => served.length > before + 4);
      };

      for (const index of [0, 1, 0, 1]) {
        await moreAreServed();
        const old = processes[index] as (typeof processes)[number];
        old.kill('SIGTERM');
        await old.exited;
        expect(old.exitCode()).toBe(0);
        await moreAreServed();
        processes[index] = await start(ports[index] as number);
      }
      await moreAreServed();
      expect(lost).toEqual([]);
      expect(new Set(served).size).toBe(6);
    });
  }),
);
