import { randomUUID } from 'node:crypto';
import { auditWrites, forgetInAudit, pseudonymOf, readAudit, removeAuditBefore, sealAudit } from '../../state/audit';
import { verifyChain, type AuditRow } from '../../state/auditChain';
import type { Database } from '../../state/database';
import { onEveryStore } from '../helpers/stores';

const KEY = 'a key that is nowhere in the store';

onEveryStore('the audit log', (store) => {
  let url: string;
  let database: Database;
  beforeEach(async () => {
    url = await store.url();
    database = await store.open(url);
  });

  const note = (userKey: string, count = 1, on = database): Promise<unknown> =>
    on.write(userKey, auditWrites(Array.from({ length: count }, () => ({ userKey, tenantKey: 'tenant', facts: { capability: 'chat', note: randomUUID() } }))));
  const sealAll = async (key?: string): Promise<void> => {
    while (await sealAudit(database, key)) { /* until nothing waits */ }
  };
  const rows = async (): Promise<AuditRow[]> => {
    const all: AuditRow[] = [];
    for await (const row of readAudit(database)) all.push(row);
    return all;
  };
  const faults = async (key?: string) => (await verifyChain(readAudit(database), key === undefined ? {} : { key })).faults;

  test('is one chain of everything that was committed', async () => {
    await note('ada', 3);
    await note('bob', 450);
    await sealAll();
    const verdict = await verifyChain(readAudit(database));
    expect(verdict).toMatchObject({ rows: 453, first: 1, head: { sequence: 453 }, faults: [] });
    expect(await database.query('SELECT id FROM audit_pending')).toEqual([]);
  });

  test('is sealed once, whoever seals it', async () => {
    const another = await store.open(url);
    await note('ada', 300);
    await Promise.all([sealAudit(database, KEY), sealAudit(another, KEY), note('bob', 30, another), sealAudit(database, KEY)]);
    await sealAll(KEY);
    expect(await verifyChain(readAudit(database), { key: KEY })).toMatchObject({ rows: 330, faults: [], sealedFrom: [] });
  });

  test.each([
    ['a changed entry', `UPDATE audit SET entry = REPLACE(entry, 'chat', 'none') WHERE sequence = 3`, { sequence: 3, fault: 'changed' }],
    ['a changed time', `UPDATE audit SET sealed_at = sealed_at - 1 WHERE sequence = 3`, { sequence: 3, fault: 'changed' }],
    ['a missing entry', 'DELETE FROM audit WHERE sequence = 3', { sequence: 4, fault: 'gap' }],
    ['a missing beginning', 'DELETE FROM audit WHERE sequence < 3', { sequence: 3, fault: 'no-beginning' }],
    ['a changed beginning', `UPDATE audit SET entry = REPLACE(entry, 'chat', 'none') WHERE sequence = 1`, { sequence: 1, fault: 'changed' }],
  ])('%s shows', async (_what, sql, fault) => {
    await note('ada', 6);
    await sealAll();
    await database.execute(sql);
    expect(await faults()).toContainEqual(fault);
  });

  test('a missing end shows where it was written down how far the log went', async () => {
    await note('ada', 6);
    await sealAll();
    const { head } = await verifyChain(readAudit(database));
    await database.execute('DELETE FROM audit WHERE sequence > 4');
    expect(await faults()).toEqual([]);
    expect((await verifyChain(readAudit(database), { ...(head && { noted: head }) })).faults).toEqual([{ sequence: 6, fault: 'head-not-found' }]);
  });

  test('with a key, nobody without it can write a chain that fits', async () => {
    await note('ada', 6);
    await sealAll(KEY);
    expect(await faults(KEY)).toEqual([]);
    await database.execute('DELETE FROM audit WHERE sequence > 4');
    expect(await faults(KEY)).toEqual([{ sequence: 4, fault: 'unsealed-end' }]);
    await database.execute('DELETE FROM audit');
    await note('mallory', 2);
    await sealAll('another key');
    expect(await faults(KEY)).toEqual([{ sequence: 2, fault: 'wrong-seal' }]);
  });

  test('says where it was sealed with a key from then on', async () => {
    await note('ada', 2);
    await sealAll();
    await note('ada', 2);
    await sealAll(KEY);
    expect(await verifyChain(readAudit(database), { key: KEY })).toMatchObject({ sealedFrom: [3], faults: [] });
  });

  test('what was removed after its time leaves a chain that can be checked', async () => {
    await note('ada', 5);
    await sealAll(KEY);
    const { head } = await verifyChain(readAudit(database));
    expect(await removeAuditBefore(database, 1, KEY)).toBe(0);
    expect(await removeAuditBefore(database, Number.MAX_SAFE_INTEGER, KEY)).toBe(5);
    await note('ada', 2);
    await sealAll(KEY);
    expect(await verifyChain(readAudit(database), { key: KEY, ...(head && { noted: head }) })).toMatchObject({ rows: 3, first: 6, faults: [] });
    await database.execute('DELETE FROM audit WHERE sequence = 6');
    expect(await faults(KEY)).toEqual([{ sequence: 7, fault: 'no-beginning' }]);
  });

  test('names people by pseudonyms, which nobody can tell any more once they were forgotten', async () => {
    await note('ada', 2);
    await note('bob');
    await sealAll();
    const [pseudonym, other] = [await pseudonymOf(database, 'ada'), await pseudonymOf(database, 'bob')];
    const users = (await rows()).map(({ entry }) => (JSON.parse(entry) as { user: string }).user);
    expect(users.toSorted()).toEqual([pseudonym, pseudonym, other].toSorted());
    await note('ada'); // not sealed yet
    await database.transaction((queries) => forgetInAudit(queries, 'ada'));
    await sealAll();
    expect(await pseudonymOf(database, 'ada')).toBeUndefined();
    const all = [await database.query('SELECT * FROM audit'), await database.query('SELECT * FROM audit_pending'), await database.query('SELECT * FROM pseudonyms')];
    expect(JSON.stringify(all)).not.toMatch(/\bada\b/); // ids are random: one may hold the letters
    expect(users).not.toContain((JSON.parse((await rows()).at(-1)?.entry ?? '') as { user: string }).user);
    expect(await faults()).toEqual([]);
  });
});
