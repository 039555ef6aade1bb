import { createHash } from 'node:crypto';
import { pino } from 'pino';
import type { Asker, CallReport, Gate } from '../../ai/call';
import { AIError } from '../../ai/error';
import { loadConfig, type Environment } from '../../bot/config';
import { createBudgets, type Budget, type Budgets } from '../../bot/budgets';
import { createEngines } from '../../bot/model';
import type { Database } from '../../state/database';
import { startFakeModelServer } from '../helpers/fakeModelServer';
import { say, unsupportedParameter } from '../helpers/fakeModelScript';
import { startParley, wordsOf } from '../helpers/parley';
import { onEveryStore } from '../helpers/stores';

const NOON = Date.parse('2026-11-23T12:00:00Z');
const asker = (userKey: string, tenantKey = 'contoso'): Asker => ({ userKey, tenantKey, conversationKey: `c-${userKey}`, activityId: 'a' });
const report = (tokens: number, more: Partial<CallReport> = {}): CallReport => ({
  capability: 'chat', operation: 'answer', outcome: 'stop', startedAt: NOON, durationMs: 1, attempts: 1, inputTokens: tokens, outputTokens: 0, estimated: false, filters: [], ...more,
});

onEveryStore('the budgets of a day', (store) => {
  let url: string;
  let database: Database;
  let now = NOON;
  const refused: string[] = [];
  beforeEach(async () => {
    url = await store.url();
    database = await store.open(url);
    now = NOON;
    refused.length = 0;
  });
  const open = (budgets: readonly Budget[], on = database): Budgets => createBudgets({
    budgets, database: on, secret: createHash('sha256').update('test').digest(), metrics: { budgetSpent: (capability) => refused.push(capability) }, log: pino({ level: 'silent' }), now: () => now,
  });
  const outcome = (work: Promise<unknown>): Promise<unknown> => work.then(() => 'reserved', (error: unknown) => (error instanceof AIError ? { code: error.code, retryAfterMs: error.retryAfterMs } : error));

  test('a call that would go over a budget is refused until the day ends', async () => {
    const budgets = open([{ who: 'user', tokens: 1_000 }]);
    const held = await budgets.reserve(asker('ada'), { capability: 'chat', tokens: 800 });
    await held.settle(report(500));
    expect(await outcome(budgets.reserve(asker('ada'), { capability: 'chat', tokens: 501 }))).toEqual({ code: 'budget-spent', retryAfterMs: 12 * 60 * 60_000 });
    expect(await outcome(budgets.reserve(asker('bob'), { capability: 'chat', tokens: 501 }))).toBe('reserved');
    expect(refused).toEqual(['chat']);
    now += 12 * 60 * 60_000;
    expect(await outcome(budgets.reserve(asker('ada'), { capability: 'chat', tokens: 501 }))).toBe('reserved');
  });

  test('people, tenants and everyone have budgets of their own, and so have capabilities', async () => {
    const budgets = open([{ who: 'everyone', tokens: 300 }, { who: 'tenant', requests: 2 }, { who: 'user', capability: 'images', requests: 1 }]);
    const ask = (user: string, tenant: string, capability: 'chat' | 'images'): Promise<unknown> => outcome(budgets.reserve(asker(user, tenant), { capability, tokens: 100 }));
    expect(await ask('ada', 'contoso', 'images')).toBe('reserved');
    expect(await ask('ada', 'contoso', 'images')).toMatchObject({ code: 'budget-spent' }); // her images
    expect(await ask('bob', 'contoso', 'chat')).toBe('reserved');
    expect(await ask('bob', 'contoso', 'chat')).toMatchObject({ code: 'budget-spent' }); // the tenant's requests
    expect(await ask('eve', 'fabrikam', 'chat')).toBe('reserved');
    expect(await ask('dan', 'adatum', 'chat')).toMatchObject({ code: 'budget-spent' }); // everyone's tokens
  });

  test('25 calls at once on two replicas never take more than is left', async () => {
    const two = [open([{ who: 'user', tokens: 10_000 }]), open([{ who: 'user', tokens: 10_000 }], await store.open(url))];
    await (await open([{ who: 'user', tokens: 10_000 }]).reserve(asker('ada'), { capability: 'chat', tokens: 9_000 })).settle(report(9_000));
    const spent: number = 120;
    const calls = await Promise.all(Array.from({ length: 25 }, async (_, index) => {
      const held = await two[index % 2]?.reserve(asker('ada'), { capability: 'chat', tokens: 150 }).catch(() => undefined);
      await held?.settle(report(spent));
      return held === undefined ? 0 : spent;
    }));
    expect(9_000 + calls.reduce((sum, tokens) => sum + tokens, 0)).toBeLessThanOrEqual(10_000);
    expect(calls.filter((tokens) => tokens > 0).length).toBeGreaterThanOrEqual(6);
  });

  test('what a replica held that was killed comes back', async () => {
    const budgets = open([{ who: 'user', tokens: 1_000 }]);
    await budgets.reserve(asker('ada'), { capability: 'chat', tokens: 900 });
    now += 4 * 60_000;
    expect(await outcome(budgets.reserve(asker('ada'), { capability: 'chat', tokens: 900 }))).toMatchObject({ code: 'budget-spent' });
    now += 60_000;
    expect(await outcome(budgets.reserve(asker('ada'), { capability: 'chat', tokens: 900 }))).toBe('reserved');
  });

  test.each<[string, CallReport, object]>([
    ['was answered', report(300), { tokens: { left: 700, of: 1_000 }, requests: { left: 4, of: 5 } }],
    ['was stopped, so that nobody counted', report(0, { outcome: 'timeout' }), { tokens: { left: 100, of: 1_000 }, requests: { left: 4, of: 5 } }],
    ['was refused by the service', report(0, { outcome: 'rate-limited' }), { tokens: { left: 1_000, of: 1_000 }, requests: { left: 4, of: 5 } }],
    ['was never sent', report(0, { outcome: 'not-offered', attempts: 0 }), { tokens: { left: 1_000, of: 1_000 }, requests: { left: 5, of: 5 } }],
  ])('what is left after a call that %s', async (_what, ended, left) => {
    const budgets = open([{ who: 'user', tokens: 1_000, requests: 5 }]);
    const held = await budgets.reserve(asker('ada'), { capability: 'chat', tokens: 900 });
    await held.settle(ended);
    expect(await budgets.left(asker('ada'))).toMatchObject([left]);
  });

  test('the store names nobody', async () => {
    const budgets = open([{ who: 'user', tokens: 1_000 }, { who: 'tenant', tokens: 5_000 }]);
    await budgets.reserve(asker('ada'), { capability: 'chat', tokens: 100 });
    const stored = JSON.stringify([await database.query('SELECT * FROM budgets'), await database.query('SELECT * FROM budget_reservations')]);
    expect(stored).not.toMatch(/ada|contoso/);
  });

  test('without a budget nothing is written', async () => {
    const held = await open([{ who: 'user', capability: 'images', requests: 1 }]).reserve(asker('ada'), { capability: 'chat', tokens: 100 });
    await held.settle(report(100));
    expect(await database.query('SELECT day FROM budgets')).toEqual([]);
  });
});

test('25 people who ask at once spend no more than the budget, and the others read when it is renewed', async () => {
  const server = await startFakeModelServer();
  const parley = await startParley({ model: { server, as: 'openai' }, env: { BUDGETS: 'everyone tokens 20000' } });
  try {
    server.answerWith(() => say('This is an answer. '.repeat(20)));
    const chats = await Promise.all(Array.from({ length: 25 }, () => parley.webChat()));
    const shown = await Promise.all(chats.map((chat, index) => chat.say(`What is the meaning of number ${index}?`)));
    const answers = shown.map((messages) => wordsOf(messages));
    const used = server.calls.reduce((sum, { body }) => sum + Math.ceil(JSON.stringify(body.messages).length / 4) + 95, 0); // as the fake counts
    expect(used).toBeLessThanOrEqual(20_000);
    expect(server.calls.length).toBeGreaterThan(5);
    expect(answers.filter((text) => text.includes('This is an answer.'))).toHaveLength(server.calls.length);
    expect(answers.filter((text) => text.includes('used up'))).toHaveLength(25 - server.calls.length);
    await Promise.all(chats.map((chat) => chat.close()));
  } finally {
    await parley.close();
    await server.close();
  }
}, 60_000);

test('a model that thinks before it writes is held to what it may think, too', async () => {
  const server = await startFakeModelServer();
  const wanted: number[] = [];
  const gate: Gate = {
    reserve: async (_asker, { tokens }) => {
      wanted.push(tokens);
      return { settle: async () => undefined };
    },
  };
  const engine = createEngines(loadConfig({ OPENAI_BASE_URL: server.baseUrl, OPENAI_API_KEY: 'key', OPENAI_MODEL: 'thinker' }), { log: pino({ level: 'silent' }), gate }).engineFor(asker('ada'));
  const translate = (): Promise<unknown> => engine.translate('Good morning', 'de', new AbortController().signal);
  server.script(unsupportedParameter('temperature'));
  server.behaveLikeAModel();
  await translate(); // learns that it takes no temperature
  await translate();
  expect((wanted[1] ?? 0) - (wanted[0] ?? 0)).toBe(4_000);
  expect(Number(server.calls.at(-1)?.body['max_completion_tokens'] ?? server.calls.at(-1)?.body['max_tokens'])).toBeLessThan(wanted[1] ?? 0);
  await server.close();
});

describe('the setting BUDGETS', () => {
  const budgetsIn = (env: Environment): readonly Budget[] => loadConfig(env).budgets;

  test('says who may use what, in words', () => {
    expect(budgetsIn({})).toEqual([]);
    expect(budgetsIn({ BUDGETS: 'user tokens 200000, user requests 50,user images  requests 20, everyone tokens 1000000, user tokens 100000' })).toEqual([
      { who: 'user', tokens: 100_000, requests: 50 }, { who: 'user', capability: 'images', requests: 20 }, { who: 'everyone', tokens: 1_000_000 },
    ]);
  });

  test.each(['user tokens', 'tokens 100', 'user tokens 0', 'user tokens -1', 'user cake tokens 5', 'user tokens 5 10', 'group tokens 5', 'user tokens 1e9', 'user tokens 99999999999999999999'])('%j is refused', (value) => {
    expect(() => loadConfig({ BUDGETS: value })).toThrow(/BUDGETS must hold budgets such as/);
  });
});
