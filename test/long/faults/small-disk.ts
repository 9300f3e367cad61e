import { execFileSync } from 'node:child_process';
import { appendFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../../servers/server-process.js';

/** A file system of its own that a test can fill up. */
export interface SmallDisk {
  readonly path: string;
  /** Leaves no byte free. */
  fill(): void;
  free(): void;
  remove(): void;
}

/**
 * Mounts one of eight megabytes in memory; that takes root. `owner` is who may write there. The log of SQLite alone grows to four before its
 * first checkpoint.
 */
export function mountSmallDisk(owner: { uid: number; gid: number } = { uid: 0, gid: 0 }): SmallDisk {
  const folder = temporaryFolder('small-disk');
  const options = `size=8m,mode=700,uid=${owner.uid},gid=${owner.gid}`;
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder.path], { stdio: 'pipe' });
  const ballast = join(folder.path, 'ballast');

  /** A mount that is still used goes when nobody uses it any more. */
  function unmount(): void {
    process.off('exit', unmount);
    execFileSync('umount', ['--lazy', folder.path]);
  }
  process.prependListener('exit', unmount);

  return {
    path: folder.path,
    fill() {
      for (let size = 65_536; size >= 1; ) {
        try {
          appendFileSync(ballast, Buffer.alloc(size));
        } catch {
          size /= 2;
        }
      }
    },
    free: () => rmSync(ballast, { force: true }),
    remove() {
      unmount();
      folder.remove();
    },
  };
}

/** Whether this process may mount. */
export function canMount(): boolean {
  try {
    mountSmallDisk().remove();
    return true;
  } catch {
    return false;
  }
}
