import type { Database } from '../../state/database';
import { erasePerson, type Erased } from '../../state/erasePerson';
import type { Person } from '../../state/person';

const nobody: Person = { userKey: '', isFrom: () => false, isTo: () => false };

/** Deletes what is kept about a person, as somebody else who asks for it. */
export const forgetUser = (database: Database, userKey: string): Promise<Erased> =>
  database.transaction((queries) => erasePerson(queries, { ...nobody, userKey }));

/** Deletes what is kept of a conversation, as its only person who asks for it there. */
export const forgetConversation = (database: Database, conversationKey: string): Promise<Erased> =>
  database.transaction((queries) => erasePerson(queries, nobody, { from: { conversationKey, isOwn: true } }));
