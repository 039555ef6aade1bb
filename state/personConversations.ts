import type { Write } from './database';
import type { Migration } from './migrations';

/** Which conversations are of one person alone: with that person, all of such a conversation is forgotten. */
export const personConversationMigrations: readonly Migration[] = [
  {
    id: 'personConversations-1',
    statements: [
      'CREATE TABLE person_conversations (user_key TEXT NOT NULL, conversation_key TEXT NOT NULL, PRIMARY KEY (user_key, conversation_key))',
      'CREATE INDEX person_conversations_by_conversation ON person_conversations (conversation_key)',
      // Of before this table: what one person alone has spoken in; groups of Teams, which begin with 19:, may have silent members.
      `INSERT INTO person_conversations (user_key, conversation_key)
       SELECT MIN(author_key), conversation_key FROM messages WHERE role = 'user' AND conversation_key NOT LIKE '%|msteams|%|19:%'
       GROUP BY conversation_key HAVING COUNT(DISTINCT author_key) = 1`,
    ],
  },
];

export const writePersonConversation = (userKey: string, conversationKey: string): Write => ({
  sql: 'INSERT INTO person_conversations (user_key, conversation_key) VALUES (?, ?) ON CONFLICT DO NOTHING',
  params: [userKey, conversationKey],
});
