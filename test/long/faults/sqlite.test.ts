import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { describe } from 'vitest';
import { temporaryFolder } from '../../servers/server-process.js';
import { describeFaults, type Lane } from './describe-faults.js';
import type { Fault } from './run-fault.js';
import { canMount, mountSmallDisk, type SmallDisk } from './small-disk.js';
import { lockedByAnother, migrate, quotaUsedUp } from './sqlite-faults.js';

describe('A store in a file of SQLite', () => describeFaults([fileLane(), diskLane()]));

/** A file that may not grow, which takes no right to mount, and one that another connection has locked. */
function fileLane(): Lane {
  const folder = temporaryFolder('sqlite-faults');
  const file = join(folder.path, `${randomUUID()}.db`);
  return {
    name: 'when its file fails',
    faults: [quotaUsedUp, lockedByAnother(file)],
    start: async () => migrate(file),
    stop: async () => folder.remove(),
    settings: () => [{ store: 'SQLite (libsql)', urls: [file] }],
  };
}

function diskLane(): Lane {
  const at = {} as { disk: SmallDisk };
  const file = () => join(at.disk.path, 'sessions.db');
  const fullDisk: Fault = {
    name: 'full disk',
    begin: () => at.disk.fill(),
    end: () => at.disk.free(),
    seen: /FULL|IOERR/,
    blocks: true,
  };
  return {
    name: 'when its disk is full',
    worthWith: ['right to mount', canMount()],
    faults: [fullDisk],
    async start() {
      at.disk = mountSmallDisk();
      migrate(file());
    },
    stop: async () => at.disk?.remove(),
    settings: () => [{ store: 'SQLite (libsql)', urls: [file()] }],
  };
}
