/** The package has no types of its own. */
declare module 'session-file-store' {
  import type session from 'express-session';

  interface FileStoreOptions {
    readonly path?: string;
    readonly retries?: number;
    readonly logFn?: () => void;
  }
  export default function createFileStore(
    express: typeof session,
  ): new (
    options?: FileStoreOptions,
  ) => session.Store;
}
