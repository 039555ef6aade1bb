import type { Database } from '../../state/database';
import { erasePerson } from '../../state/erasePerson';
import { countPerson, exportPerson } from '../../state/exportPerson';
import type { Person } from '../../state/person';
import { impersonalTables, personalTables, turnTables } from '../../state/personalData';
import { retain, RETENTION_START } from '../../state/retention';
import { onEveryStore, type StoreUnderTest } from '../helpers/stores';

interface Column {
  readonly name: string;
  readonly type: string;
}

const listTables = {
  SQLite: "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
  PostgreSQL: "SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1",
};

onEveryStore('what is kept about people', (store: StoreUnderTest) => {
  let database: Database;
  beforeAll(async () => {
    database = await store.open();
  });

  const tables = async (): Promise<string[]> => (await database.query<{ name: string }>(listTables[store.kind])).map(({ name }) => name);
  const columnsOf = (table: string): Promise<Column[]> => (store.kind === 'SQLite'
    ? database.query<Column>(`SELECT name, LOWER(type) AS type FROM pragma_table_info('${table}')`)
    : database.query<Column>('SELECT column_name AS name, data_type AS type FROM information_schema.columns WHERE table_name = ?', [table]));

  /** A row in which everything that can be is the person's, and every text holds the canary. */
  async function fill(table: string, { user, conversation, canary }: { user: string; conversation: string; canary: string }): Promise<void> {
    const columns = await columnsOf(table);
    const keys: Readonly<Record<string, string>> = { user_key: user, author_key: user, owner_key: user, user_id: user, conversation_key: conversation, conversation_id: conversation, role: 'user' };
    const told = `${canary} in ${table}`;
    const valueOf = ({ name, type }: Column) => keys[name] ?? (/int/.test(type) ? 1_000 : /bytea|blob/.test(type) ? Buffer.from(told) : name === 'activity' ? JSON.stringify({ user, told }) : name === 'facts' ? JSON.stringify({ told }) : told);
    const names = columns.map(({ name }) => name);
    await database.execute(`INSERT INTO ${table} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`, columns.map(valueOf));
  }

  const everything = async (): Promise<string> => JSON.stringify(await Promise.all((await tables()).map(async (table) => {
    const rows = await database.query(`SELECT * FROM ${table}`);
    return rows.map((row) => Object.values(row).map((value) => (value instanceof Uint8Array ? Buffer.from(value).toString() : String(value))));
  })));

  const person = (user: string): Person => ({ userKey: user, webUserId: user, isFrom: (json) => json.includes(`"${user}"`), isTo: (json) => json.includes(`"${user}"`) });

  test('every table of the schema is in the list of those that hold it, or of those that do not', async () => {
    const listed = [...personalTables.map(({ table }) => table), ...turnTables, ...Object.keys(impersonalTables)];
    expect((await tables()).filter((table) => !listed.includes(table))).toEqual([]);
    expect(listed.length).toBe((await tables()).length);
  });

  test('is exported whole and deleted whole, in every table, and nothing of anybody else', async () => {
    const ann = { user: 'msteams||ann-1', conversation: 'bot|msteams||c-ann', canary: 'CANARYANN' };
    const bob = { user: 'msteams||bob-2', conversation: 'bot|msteams||c-bob', canary: 'CANARYBOB' };
    const filled = [...personalTables.map(({ table }) => table), ...turnTables];
    for (const table of filled) for (const whose of [ann, bob]) await fill(table, whose);
    await database.execute('UPDATE inbox SET answered = 0');
    const records = [];
    for await (const record of exportPerson(database, person(ann.user))) records.push(record);
    const exported = JSON.stringify(records);
    const handedOut = personalTables.filter(({ columns }) => columns !== undefined).length + turnTables.length;
    expect(records.length).toBe(handedOut);
    expect(exported.match(/CANARYANN|Q0FOQVJZQU5O/g)?.length).toBeGreaterThanOrEqual(handedOut - 1);
    expect(exported).not.toContain('CANARYBOB');
    expect(await countPerson(database, person(ann.user))).toMatchObject({ messages: 1, media: 1, settings: 1, files: 2 });

    const before = await everything();
    expect(before).toContain('CANARYANN');
    const erased = await database.transaction((queries) => erasePerson(queries, person(ann.user)));
    expect(erased).toMatchObject({ messages: 1, media: 1, settings: 1, files: 2, waiting: 2 });
    const after = await everything();
    expect(after).not.toContain('ann-1');
    // ids of activities, lest a copy of one bring it back; and that there was a call, which is nobody's now
    expect([...new Set(after.match(/CANARYANN in \w+/g))]).toEqual(['CANARYANN in audit_pending', 'CANARYANN in inbox']);
    expect(after.match(/CANARYBOB/g)?.length).toBe(before.match(/CANARYBOB/g)?.length);
    expect(await database.query("SELECT document, recent FROM conversations WHERE conversation_key = ?", [ann.conversation])).toEqual([{ document: '', recent: '' }]);
    for (const { table } of personalTables) {
      const column = (await columnsOf(table)).some(({ name }) => name === 'conversation_id') ? 'conversation_id' : 'conversation_key';
      if ((await columnsOf(table)).some(({ name }) => name === column)) expect({ table, rows: await database.query(`SELECT 1 AS one FROM ${table} WHERE ${column} = ?`, [ann.conversation]) }).toEqual({ table, rows: [] });
    }
  });

  test('goes when it is too old, with the conversation that nobody uses any more', async () => {
    const old = { user: 'msteams||old', conversation: 'bot|msteams||c-old', canary: 'CANARYOLD' };
    for (const table of [...personalTables.map(({ table: name }) => name), 'conversations', 'inbox'].filter((table) => !['audit_pending', 'media'].includes(table))) await fill(table, old);
    await database.execute("UPDATE direct_line_activities SET activity = '{\"timestamp\":\"2001-01-01T00:00:00Z\"}'");
    await database.execute("UPDATE direct_line_conversations SET started_at = '2001-01-01T00:00:00Z'");
    for (let walk = 0; walk < 3; walk += 1) {
      let next: typeof RETENTION_START | undefined = RETENTION_START;
      while (next) ({ next } = await retain(database, next, Date.now() - 60_000, 1));
    }
    await database.execute('DELETE FROM inbox'); // which the turns' own caretaker does
    expect((await everything()).match(/CANARYOLD|msteams\|\|old/g)).toBeNull();
  });
});
