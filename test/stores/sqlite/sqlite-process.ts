// One of several processes that test/stores/sqlite/migrate.test.ts lets loose on one file, with libsql:
// node sqlite-process.ts FILE START, START being when all of them begin, in ms since the epoch.
import Database from 'libsql';
import { createSqliteStore } from '../../../src/stores/sqlite.js';

const [file = '', start] = process.argv.slice(2);
const database = new Database(file, { timeout: 10 });
const store = createSqliteStore(database);
while (Date.now() < Number(start)) await new Promise(setImmediate);

store.migrate();
// As long as the machine may hold up the one that writes.
database.exec('PRAGMA busy_timeout = 5000');
const counts = { created: 0, updated: 0 };
for (let i = 0; i < 200; i++) {
  if (store.create(`shared-${i}`, {})) counts.created++;
  if (store.update(`shared-${i}`, { [`${process.env.MEMBER}`]: `${i}` })) counts.updated++;
}
database.close();
console.log(JSON.stringify(counts));
