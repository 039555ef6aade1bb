import { pino } from 'pino';
import { oldestKept, Retention } from '../../bot/retention';
import { writeMessages } from '../../state/messages';
import { onEveryStore } from '../helpers/stores';

const DAY_MS = 24 * 60 * 60_000;

test('nothing is kept longer than the settings say, and little of it a twelfth shorter', () => {
  for (let nowMs = Date.parse('2026-11-23T00:00:00Z'); nowMs < Date.parse('2026-12-23T00:00:00Z'); nowMs += 7 * 60 * 60_000) {
    const keptMs = nowMs - oldestKept(360 * DAY_MS, nowMs);
    expect(keptMs).toBeLessThanOrEqual(360 * DAY_MS);
    expect(keptMs).toBeGreaterThanOrEqual(330 * DAY_MS);
  }
  expect(oldestKept(Infinity, Date.now())).toBe(0);
});

onEveryStore('retention', (store) => {
  test('deletes behind the turns, in more conversations than one step takes, and nothing that is young', async () => {
    const database = await store.open();
    const said = (number: number, createdAt: number) => ({ conversationKey: `c${number}`, id: `m${createdAt}`, authorKey: 'ann', authorName: 'Ann', role: 'user' as const, text: 'words', createdAt, replyTo: undefined });
    for (let number = 0; number < 60; number += 1) {
      await database.execute("INSERT INTO conversations (conversation_key, document, updated_at) VALUES (?, 'x', ?)", [`c${number}`, Date.now()]);
      await database.write('c', [writeMessages([said(number, Date.now() - 400 * DAY_MS), said(number, Date.now())])]);
    }
    const count = async (): Promise<number> => (await database.query<{ count: number }>('SELECT CAST(COUNT(*) AS INTEGER) AS count FROM messages'))[0]?.count ?? 0;
    const retention = new Retention(database, 365 * DAY_MS, pino({ level: 'silent' }));
    retention.start();
    for (const endsAt = Date.now() + 15_000; (await count()) > 60 && Date.now() < endsAt;) await new Promise((resolve) => setTimeout(resolve, 100));
    await retention.stop();
    expect(await count()).toBe(60);
    expect(await database.query('SELECT 1 AS one FROM conversations')).toHaveLength(60);
  });
});
