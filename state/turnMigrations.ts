import type { Migration } from './migrations';

/** The index finds the unanswered alone: quick turns, which come with their answer, never enter it. */
export const turnMigrations: readonly Migration[] = [
  {
    id: 'turns-1',
    statements: [
      `CREATE TABLE inbox (
        conversation_key TEXT NOT NULL, activity_id TEXT NOT NULL, sequence BIGINT NOT NULL,
        activity TEXT NOT NULL, answered INTEGER NOT NULL, attempts INTEGER NOT NULL,
        PRIMARY KEY (conversation_key, activity_id))`,
      `CREATE TABLE conversations (
        conversation_key TEXT PRIMARY KEY, version BIGINT NOT NULL, document TEXT NOT NULL, updated_at BIGINT NOT NULL)`,
      `CREATE TABLE outbox (
        conversation_key TEXT NOT NULL, id TEXT NOT NULL, sequence BIGINT NOT NULL, kind TEXT NOT NULL,
        target_id TEXT, service_url TEXT NOT NULL, activity TEXT NOT NULL,
        PRIMARY KEY (conversation_key, id))`,
    ],
  },
  {
    id: 'turns-2',
    statements: [
      'ALTER TABLE conversations DROP COLUMN version',
      'ALTER TABLE conversations ADD COLUMN last_sequence BIGINT NOT NULL DEFAULT 0',
      "ALTER TABLE conversations ADD COLUMN recent TEXT NOT NULL DEFAULT ''",
      'ALTER TABLE conversations ADD COLUMN fence BIGINT NOT NULL DEFAULT 0',
      "ALTER TABLE conversations ADD COLUMN lease_owner TEXT NOT NULL DEFAULT ''",
      'ALTER TABLE conversations ADD COLUMN lease_until BIGINT NOT NULL DEFAULT 0',
      `INSERT INTO conversations (conversation_key, document, updated_at)
       SELECT DISTINCT conversation_key, '', 0 FROM inbox WHERE answered = 0 ON CONFLICT DO NOTHING`,
      `INSERT INTO conversations (conversation_key, document, updated_at)
       SELECT DISTINCT conversation_key, '', 0 FROM outbox WHERE conversation_key <> '' ON CONFLICT DO NOTHING`,
      `UPDATE conversations SET last_sequence =
         COALESCE((SELECT MAX(inbox.sequence) FROM inbox WHERE inbox.conversation_key = conversations.conversation_key), 0)`,
      'ALTER TABLE inbox ADD COLUMN accepted_at BIGINT NOT NULL DEFAULT 0',
      'ALTER TABLE inbox ADD COLUMN placeholder_id TEXT',
      'CREATE INDEX inbox_unanswered ON inbox (conversation_key, sequence) WHERE answered = 0',
      'ALTER TABLE outbox ADD COLUMN position INTEGER NOT NULL DEFAULT 0',
    ],
  },
];
