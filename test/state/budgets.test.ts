import { randomUUID } from 'node:crypto';
import { budgetUse, expireReservations, purgeBudgets, reserveBudget, settleBudget, type BudgetLimit } from '../../state/budgets';
import type { Database } from '../../state/database';
import { onEveryStore } from '../helpers/stores';

const DAY = '2026-11-23';
const LATER = Number.MAX_SAFE_INTEGER;

onEveryStore('budgets', (store) => {
  let database: Database;
  let another: Database;
  beforeAll(async () => {
    const url = await store.url();
    database = await store.open(url);
    another = await store.open(url);
  });

  /** The budgets of one person in a tenant: all that a test counts is its own. */
  const limits = (tokens: number, requests = Infinity): readonly BudgetLimit[] => {
    const id = randomUUID();
    return [
      { subjectKey: `tenant-${id}`, capability: '', maxTokens: tokens * 10, maxRequests: Infinity },
      { subjectKey: `user-${id}`, capability: '', maxTokens: tokens, maxRequests: requests },
    ];
  };
  const useOf = async (of: readonly BudgetLimit[]) => {
    const found = await Promise.all(of.map(({ subjectKey }) => budgetUse(database, subjectKey, DAY)));
    return found.map(([use]) => ({ tokens: use?.tokens ?? 0, requests: use?.requests ?? 0 }));
  };
  const reserve = (of: readonly BudgetLimit[], tokens: number, on = database, expiresAt = LATER) => {
    const reservation = { id: randomUUID(), day: DAY, tokens };
    return reserveBudget(on, of, reservation, expiresAt).then((isHeld) => isHeld && { ...reservation, budgets: of });
  };

  test('what was held is replaced by what was used', async () => {
    const of = limits(1_000);
    const held = await reserve(of, 600);
    expect(await useOf(of)).toEqual([{ tokens: 600, requests: 1 }, { tokens: 600, requests: 1 }]);
    expect(await reserve(of, 500)).toBe(false);
    if (held) await settleBudget(database, held, { tokens: 120, requests: 1 });
    expect(await useOf(of)).toEqual([{ tokens: 120, requests: 1 }, { tokens: 120, requests: 1 }]);
    expect(await reserve(of, 500)).not.toBe(false);
  });

  test('all of the budgets are held, or none', async () => {
    const of = limits(100);
    expect(await reserve(of, 101)).toBe(false);
    await reserve(of, 60);
    expect(await reserve(of, 60)).toBe(false);
    expect(await useOf(of)).toEqual([{ tokens: 60, requests: 1 }, { tokens: 60, requests: 1 }]);
  });

  test('the last request is the last', async () => {
    const of = limits(1_000, 2);
    const held = [await reserve(of, 1), await reserve(of, 1), await reserve(of, 1)];
    expect(held.map(Boolean)).toEqual([true, true, false]);
  });

  test('25 requests at once, from two processes, never take more than is left', async () => {
    const of = limits(1_000);
    await reserve(of, 640);
    const held = await Promise.all(Array.from({ length: 25 }, (_, index) => reserve(of, 50, index % 2 === 0 ? database : another)));
    expect(held.filter(Boolean)).toHaveLength(7); // 7 x 50 of the 360 that are left
    expect(await useOf(of)).toEqual([{ tokens: 990, requests: 8 }, { tokens: 990, requests: 8 }]);
    await Promise.all(held.filter((each) => each !== false).map((each) => settleBudget(another, each, { tokens: 50, requests: 1 })));
    expect(await useOf(of)).toEqual([{ tokens: 990, requests: 8 }, { tokens: 990, requests: 8 }]);
    expect(await reserve(of, 11)).toBe(false);
  });

  test('people of one tenant do not wait for each other in a circle', async () => {
    const [tenant] = limits(100_000);
    const people = Array.from({ length: 10 }, () => [...(tenant ? [tenant] : []), ...limits(1_000).slice(1)]);
    const startedAt = performance.now();
    const held = await Promise.all(Array.from({ length: 100 }, (_, index) => reserve(people[index % 10] ?? [], 10, index % 3 === 0 ? database : another)));
    expect(held.every(Boolean)).toBe(true);
    expect(performance.now() - startedAt).toBeLessThan(1_000); // PostgreSQL looks for circles after a second
    expect((await useOf(tenant ? [tenant] : []))[0]).toEqual({ tokens: 1_000, requests: 100 });
  });

  test('what a process held that died is given back, once', async () => {
    const of = limits(1_000);
    const dead = await reserve(of, 900, database, 1_000);
    expect(await reserve(of, 200)).toBe(false);
    const expired = await Promise.all([expireReservations(database, 1_000), expireReservations(another, 1_000)]);
    expect(expired.toSorted()).toEqual([0, 1]);
    expect(await useOf(of)).toEqual([{ tokens: 0, requests: 0 }, { tokens: 0, requests: 0 }]);
    if (dead) await settleBudget(database, dead, { tokens: 700, requests: 1 }); // it was alive, and slow
    expect(await useOf(of)).toEqual([{ tokens: 700, requests: 1 }, { tokens: 700, requests: 1 }]);
  });

  test('earlier days are forgotten', async () => {
    const of = limits(1_000);
    await reserve(of, 10);
    await purgeBudgets(database, DAY);
    expect((await useOf(of))[1]?.tokens).toBe(10);
    await purgeBudgets(database, '2026-11-24');
    expect((await useOf(of))[1]?.tokens).toBe(0);
  });
});
