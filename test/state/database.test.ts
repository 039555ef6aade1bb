import { MAX_ANNOUNCEMENT_BYTES, StateError, type Database, type Write } from '../../state/database';
import { openDatabase } from '../../state/openDatabase';
import { onEveryStore } from '../helpers/stores';

onEveryStore('the store', (store) => {
  let url: string;
  let database: Database;

  beforeAll(async () => {
    url = await store.url();
    database = await store.open(url);
    await database.execute('CREATE TABLE notes (id BIGINT PRIMARY KEY, text TEXT, bytes BYTEA)');
  });
  beforeEach(() => database.execute('DELETE FROM notes'));

  let ids = 0;
  const insert = (text: string, queries: Pick<Database, 'execute'> = database): Promise<number> =>
    queries.execute('INSERT INTO notes (id, text) VALUES (?, ?)', [(ids += 1), text]);
  const texts = async (): Promise<string[]> => (await database.query<{ text: string }>('SELECT text FROM notes ORDER BY id')).map(({ text }) => text);

  test('keeps what was committed when it is opened again', async () => {
    await insert('kept');
    const again = await openDatabase(url);
    expect(await again.query('SELECT text FROM notes')).toEqual([{ text: 'kept' }]);
    await again.close();
  });

  test('counts changed rows, and gives the rows of RETURNING', async () => {
    await insert('one');
    await insert('two');
    expect(await database.execute('UPDATE notes SET bytes = NULL')).toBe(2);
    expect(await database.execute('DELETE FROM notes WHERE text = ?', ['three'])).toBe(0);
    expect(await database.query('DELETE FROM notes WHERE text = ? RETURNING text', ['two'])).toEqual([{ text: 'two' }]);
    expect(await database.query<{ count: number }>('SELECT count(*) AS count FROM notes')).toEqual([{ count: 1 }]);
  });

  test('takes question marks in quotes for what they are', async () => {
    expect(await database.query(`SELECT 'why?' AS "really?", CAST(? AS TEXT) AS text`, ["it's ?"])).toEqual([{ 'really?': 'why?', text: "it's ?" }]);
  });

  test('rolls back a transaction that throws, and only that one of those asked for together', async () => {
    const results = await Promise.allSettled([
      insert('first'),
      database.transaction(async (queries) => {
        await insert('never', queries);
        throw new Error('changed my mind');
      }),
      insert('second'),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect((await texts()).sort()).toEqual(['first', 'second']);
  });

  test('gives back the error of the work that threw', async () => {
    const late = database.transaction(async (queries) => {
      await insert('never', queries);
      throw new StateError('conflict', 'too late');
    });
    await expect(late).rejects.toMatchObject({ code: 'conflict', message: 'too late' });
  });

  test('takes a row that is there for a conflict', async () => {
    await database.execute('INSERT INTO notes (id, text) VALUES (?, ?)', [-1, 'mine']);
    const again = database.execute('INSERT INTO notes (id, text) VALUES (?, ?)', [-1, 'theirs']);
    await expect(again).rejects.toMatchObject({ code: 'conflict' });
    await expect(again).rejects.not.toThrow('theirs');
  });

  test('does not commit a transaction in which a statement failed, though the work goes on', async () => {
    await insert('before');
    const unaware = database.transaction(async (queries) => {
      await insert('first', queries);
      await queries.execute('INSERT INTO notes (id, text) VALUES (?, ?)', [ids, 'the same id']).catch(() => undefined);
    });
    await expect(unaware).rejects.toMatchObject({ code: 'conflict' });
    expect(await texts()).toEqual(['before']);
  });

  test('fails a transaction in which a statement fails that nobody waits for', async () => {
    const unaware = database.transaction(async (queries) => {
      void queries.execute('INSERT INTO notes (id, text) VALUES (?, ?)', [1, 'first']);
      void queries.execute('INSERT INTO notes (id, text) VALUES (?, ?)', [1, 'second']);
    });
    await expect(unaware).rejects.toMatchObject({ code: 'conflict' });
    expect(await texts()).toEqual([]);
  });

  test('takes a wrong statement for a mistake, and goes on with the next', async () => {
    const wrong = database.transaction((queries) => queries.query('SELECT nothing FROM nowhere'));
    await expect(wrong).rejects.not.toBeInstanceOf(StateError);
    await expect(database.query('SELECT nothing FROM nowhere')).rejects.not.toBeInstanceOf(StateError);
    expect(await database.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  test('runs statements of a transaction in the order in which they are asked for', async () => {
    const found = await database.transaction(async (queries) => {
      const answers = await Promise.all([
        queries.execute('INSERT INTO notes (id, text) VALUES (1, ?)', ['a']),
        queries.execute('UPDATE notes SET text = text || ? WHERE id = 1', ['b']),
        queries.execute('UPDATE notes SET text = text || ? WHERE id = 1', ['c']),
        queries.query('SELECT text FROM notes WHERE id = 1'),
      ]);
      return answers[3];
    });
    expect(found).toEqual([{ text: 'abc' }]);
  });

  describe('writes without an answer', () => {
    const note = (id: number, text = 'new'): Write => ({ sql: 'INSERT INTO notes (id, text) VALUES (?, ?) ON CONFLICT DO NOTHING', params: [id, text] });
    const change = (id: number, text: string): Write => ({ sql: 'UPDATE notes SET text = ? WHERE id = ?', params: [text, id] });

    test('are made together, in their order', async () => {
      await database.write('a', [note(1), change(1, 'first'), change(1, 'second')]);
      expect(await texts()).toEqual(['second']);
      await database.write('a', []);
    });

    test('give back what they changed and what is read after them', async () => {
      const read: Write = { sql: 'SELECT text FROM notes ORDER BY id', params: [] };
      const written = await database.write<[{ id: number }, { text: string }, { text: string }]>('a', [
        { ...note(1), orElse: 'duplicate', returning: 'id' }, { ...change(7, 'nobody'), returning: 'text' }, read,
      ]);
      expect(written).toMatchObject([[{ id: 1 }], [], [{ text: 'new' }]]);
      await expect(database.write('a', [{ ...note(1), orElse: 'duplicate', returning: 'id' }, read])).rejects.toMatchObject({ code: 'duplicate' });
    });

    test('that fail leave nothing behind for those that are sent after them', async () => {
      await database.write('a', [note(1)]);
      // Statements that no connection knows yet, first sent behind one that fails.
      const fresh = (round: number, id: number): Write => ({ sql: `INSERT INTO notes (id, text) VALUES (?, 'round ${round}')`, params: [id] });
      for (let round = 0; round < 3; round += 1) {
        const failing = database.write('b', [{ ...note(1), orElse: 'duplicate' }, fresh(round, 1_000 + round)]);
        const following = Array.from({ length: 5 }, async (_, index) => {
          for (let turn = 0; turn < index; turn += 1) await new Promise(setImmediate);
          await database.write(`c${index}`, [fresh(round, 10 * round + 100 + index)]);
        });
        await expect(failing).rejects.toMatchObject({ code: 'duplicate' });
        await Promise.all(following);
      }
      expect(await texts()).toHaveLength(1 + 3 * 5);
    });

    test('are not made where one that must change a row changes none', async () => {
      await database.write('a', [note(1)]);
      await expect(database.write('a', [note(2), { ...note(1), orElse: 'duplicate' }, note(3)])).rejects.toMatchObject({ code: 'duplicate' });
      await expect(database.write('a', [note(2), { ...change(9, 'x'), orElse: 'conflict' }])).rejects.toMatchObject({ code: 'conflict' });
      expect(await texts()).toEqual(['new']);
    });

    test('fail alone, whatever comes at the same time', async () => {
      await database.write('a', [note(0)]);
      const results = await Promise.allSettled(Array.from({ length: 50 }, (_, index) =>
        database.write(`key ${index}`, [note(100 + index), { ...note(index % 10 === 3 ? 0 : 200 + index), orElse: 'duplicate' }], index % 2 === 0 ? 'durable' : 'relaxed')));
      const failed = results.flatMap(({ status }, index) => (status === 'rejected' ? [index] : []));
      expect(failed).toEqual([3, 13, 23, 33, 43]);
      expect((await database.query<{ id: number }>('SELECT id FROM notes')).length).toBe(1 + 2 * 45);
    });

    test('about the same rows from many sides end all', async () => {
      const other = await openDatabase(url);
      await database.write('a', Array.from({ length: 10 }, (_, id) => note(id, '')));
      await Promise.all(Array.from({ length: 60 }, (_, index) => (index % 2 === 0 ? database : other).write(`key ${index}`, [
        { ...change(index % 10, 'x'), orElse: 'conflict' }, { ...change(9 - (index % 10), 'x'), orElse: 'conflict' },
      ])));
      expect(await texts()).toEqual(Array.from({ length: 10 }, () => 'x'));
      await other.close();
    });

    test('that are wrong fail with those they belong to', async () => {
      await expect(database.write('a', [note(1), { sql: 'UPDATE nothing SET x = 1', params: [] }])).rejects.not.toBeInstanceOf(StateError);
      expect(await texts()).toEqual([]);
    });
  });

  test('reads outside a transaction see committed rows only', async () => {
    let seen: string[] = ['not read'];
    await database.transaction(async (queries) => {
      await insert('uncommitted', queries);
      seen = await texts();
    });
    expect(seen).toEqual([]);
    expect(await texts()).toEqual(['uncommitted']);
  });

  test('loses no update of hundred transactions at once', async () => {
    await database.execute('INSERT INTO notes (id, text) VALUES (0, ?)', ['0']);
    await Promise.all(Array.from({ length: 100 }, (_, index) => database.transaction(async (queries) => {
      await queries.execute('UPDATE notes SET text = CAST(CAST(text AS INTEGER) + 1 AS TEXT) WHERE id = 0');
      await queries.query('SELECT text FROM notes WHERE id = 0');
    }, index % 2 === 0 ? 'durable' : 'relaxed')));
    expect(await texts()).toEqual(['100']);
  });

  test('a relaxed transaction is there for the next reader, and after the store is opened again', async () => {
    await database.transaction((queries) => insert('relaxed', queries), 'relaxed');
    expect(await texts()).toEqual(['relaxed']);
    const again = await openDatabase(url);
    expect(await again.query('SELECT text FROM notes')).toEqual([{ text: 'relaxed' }]);
    await again.close();
  });

  test('keeps large numbers, any bytes, empty values and text of any language', async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    const text = "emoji 👩‍👩‍👧, العربية, 'quotes', \\x41, $1, ?, \u0001";
    await database.execute('INSERT INTO notes (id, text, bytes) VALUES (?, ?, ?)', [Number.MAX_SAFE_INTEGER, text, bytes]);
    await database.execute('INSERT INTO notes (id, text, bytes) VALUES (?, ?, ?)', [5n, '', new Uint8Array()]);
    await database.execute('INSERT INTO notes (id, text, bytes) VALUES (?, ?, ?)', [6, null, null]);
    const rows = await database.query<{ id: number; text: string | null; bytes: Uint8Array | null }>('SELECT id, text, bytes FROM notes ORDER BY id');
    expect(rows.map(({ bytes: stored, ...row }) => ({ ...row, bytes: stored && [...stored] }))).toEqual([
      { id: 5, text: '', bytes: [] },
      { id: 6, text: null, bytes: null },
      { id: Number.MAX_SAFE_INTEGER, text, bytes: [...bytes] },
    ]);
  });

  test('stores text with NUL and half characters, as it is or with the replacement character', async () => {
    await insert('a\0b\ud800c');
    const [text = ''] = await texts();
    expect(text.replaceAll('\0', '\ufffd')).toBe('a\ufffdb\ufffdc');
  });

  test('is migrated once by processes that start at the same time', async () => {
    const fresh = await store.url();
    const opened = await Promise.all(Array.from({ length: 5 }, () => openDatabase(fresh)));
    const [applied] = await Promise.all(opened.map((each) => each.query('SELECT id FROM migrations')));
    expect(applied?.length).toBeGreaterThan(4);
    await Promise.all(opened.map((each) => each.close()));
  });

  describe('announcements', () => {
    const heardOn = (on: Database, topic: string): { readonly heard: (string | undefined)[]; readonly stop: () => void } => {
      const heard: (string | undefined)[] = [];
      return { heard, stop: on.listen(topic, (message) => heard.push(message)) };
    };
    const until = async (isDone: () => boolean): Promise<void> => {
      while (!isDone()) await new Promise((resolve) => setTimeout(resolve, 5));
    };
    const said = (heard: readonly (string | undefined)[]): (string | undefined)[] => heard.filter((message) => message !== undefined);

    test('are heard once and in order by all who listen to the topic', async () => {
      const [first, second, other] = [heardOn(database, 'talk'), heardOn(database, 'talk'), heardOn(database, 'error')];
      for (const message of ['1', '2', '', '{"text":"3 \\u0000 ä"}', '5']) database.announce('talk', message);
      await until(() => second.heard.includes('5'));
      expect(said(first.heard)).toEqual(['1', '2', '', '{"text":"3 \\u0000 ä"}', '5']);
      expect(said(second.heard)).toEqual(said(first.heard));
      expect(said(other.heard)).toEqual([]);
      for (const { stop } of [first, second, other]) stop();
    });

    test('of any size are heard in the same process', async () => {
      const { heard, stop } = heardOn(database, 'talk');
      database.announce('talk', 'x'.repeat(3 * MAX_ANNOUNCEMENT_BYTES));
      await until(() => said(heard).length > 0);
      expect(said(heard)).toEqual(['x'.repeat(3 * MAX_ANNOUNCEMENT_BYTES)]);
      stop();
    });

    test('are not heard after the end of listening, and need nobody to hear them', async () => {
      const { heard, stop } = heardOn(database, 'talk');
      stop();
      database.announce('talk', 'nobody');
      const later = heardOn(database, 'later');
      database.announce('later', 'now');
      await until(() => later.heard.includes('now'));
      expect(said(heard)).toEqual([]);
      later.stop();
    });
  });
});
