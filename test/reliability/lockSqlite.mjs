// Holds the write lock of a SQLite file from the first message until its parent disconnects. Answers when it is ready, and when it has the lock.
import { DatabaseSync } from 'node:sqlite';

const database = new DatabaseSync(process.argv[2], { timeout: 10_000 });
process.once('message', () => {
  database.exec('BEGIN IMMEDIATE');
  process.send('locked');
});
process.once('disconnect', () => {
  database.exec('ROLLBACK');
  database.close();
});
process.send('ready');
