import Database from 'libsql';

/** A file of SQLite for the processes of one machine, in which a confirmed write survives a power failure. */
export function openLibsql(file: string): Database.Database {
  const database = new Database(file, { timeout: 10 }); // for the write lock; it blocks the process, so keep it short
  database.exec('PRAGMA synchronous = FULL');
  database.exec('PRAGMA cache_size = -65536'); // 64 MiB of the file in memory
  return database;
}
