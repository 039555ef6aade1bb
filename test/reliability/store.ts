import { openDatabase } from '../../state/openDatabase';
import type { Row } from '../../state/database';

/** Looks into a store from outside, while processes use it or afterwards. */
export async function lookInto<R extends object = Row>(databaseUrl: string, sql: string): Promise<readonly R[]> {
  const database = await openDatabase(databaseUrl);
  try {
    return await database.query<R>(sql);
  } finally {
    await database.close();
  }
}

/** The place of every activity in its conversation, by its id. */
export async function numbersIn(databaseUrl: string): Promise<ReadonlyMap<string, number>> {
  const rows = await lookInto<{ id: string; sequence: number }>(databaseUrl, 'SELECT activity_id AS id, sequence FROM inbox');
  return new Map(rows.map(({ id, sequence }) => [id, sequence]));
}
