import { Allowance } from '../../ai/allowance';
import { Breaker } from '../../ai/breaker';
import { noLimits, type Deployment } from '../../ai/deployments';
import { AIError } from '../../ai/error';
import { createGateway, type Attempt } from '../../ai/gateway';
import type { CallReport } from '../../ai/call';
import type { ModelRequest } from '../../ai/model';
import { createModel } from '../../ai/openai';
import type { ModelLimits } from '../../ai/openaiConnection';
import { createPatience } from '../../ai/patience';
import { createPace, deploymentNotFound, say, serverError, tooManyRequests, unauthorized, type Script } from '../helpers/fakeModelScript';
import { startFakeModelServer, type FakeModelServer } from '../helpers/fakeModelServer';
import { asker, deploymentOf } from '../helpers/openaiModel';

const request: ModelRequest = { messages: [{ role: 'user', content: 'Hello' }], maxOutputTokens: 50 };
const never = new AbortController().signal;

let east: FakeModelServer;
let west: FakeModelServer;
beforeEach(async () => {
  [east, west] = await Promise.all([startFakeModelServer(), startFakeModelServer()]);
  east.answerWith(() => say('east'));
  west.answerWith(() => say('west'));
});
afterEach(() => Promise.all([east.close(), west.close()]));

// The first request of a process waits for code to load: that would be taken for the silence of a region.
beforeAll(async () => {
  const server = await startFakeModelServer();
  server.answerWith(() => say('warm'));
  const deployments = { chat: [deploymentOf({ kind: 'azure', endpoint: server.url, deployment: 'd', apiKey: 'k' })] };
  await createModel(createGateway({ deployments }), 'chat', { asker }).complete(request, never);
  await server.close();
});

interface Setup {
  readonly east?: Partial<Deployment>;
  readonly west?: Partial<Deployment>;
  readonly limits?: Partial<ModelLimits>;
  readonly only?: 'east';
}

/** A model on two regions, east before west. */
function regions({ east: first = {}, west: second = {}, limits = {}, only }: Setup = {}) {
  const reports: CallReport[] = [];
  const at = (server: FakeModelServer, name: string, priority: number, more: Partial<Deployment>): Deployment =>
    deploymentOf({ kind: 'azure', endpoint: server.url, deployment: name, apiKey: 'k' }, { region: name, priority, ...more });
  const chat = [at(east, 'east', 1, first), ...(only ? [] : [at(west, 'west', 2, second)])];
  const gateway = createGateway({ deployments: { chat }, limits: { deadlineMs: 5_000, startMs: 1_000, firstTokenMs: 2_000, idleMs: 500, ...limits } });
  const model = createModel(gateway, 'chat', { asker, onReport: (report) => reports.push(report) });
  return { gateway, model, reports, ask: async () => (await model.complete(request, never)).text };
}

describe('with two regions', () => {
  test('the first is asked while it is well', async () => {
    const { ask } = regions();
    expect([await ask(), await ask()]).toEqual(['east', 'east']);
    expect(west.calls).toHaveLength(0);
  });

  test.each<[string, Script]>([
    ['a missing deployment', deploymentNotFound()],
    ['a 503', serverError(503)],
    ['a refused key', unauthorized()],
    ['a cut connection', { kind: 'drop' }],
    ['silence', { kind: 'hang' }],
    ['429 with a pause of an hour', tooManyRequests({ 'retry-after': '3600' })],
    ['429 with a date far away', tooManyRequests({ 'retry-after': 'Fri, 31 Dec 2099 23:59:59 GMT' })],
    ['429 with a negative pause', tooManyRequests({ 'retry-after-ms': '-5' })],
    ['429 without a word', tooManyRequests()],
    ['429 with nonsense', tooManyRequests({ 'retry-after': 'soon' })],
  ])('%s in the first is answered by the second, and the next turn does not find out again', async (_name, fault) => {
    const { ask, reports } = regions();
    east.answerWith(() => fault);
    expect(await ask()).toBe('west');
    const startedAt = performance.now();
    expect(await ask()).toBe('west');
    expect(performance.now() - startedAt).toBeLessThan(900);
    expect(east.calls).toHaveLength(1);
    expect(reports).toMatchObject([{ attempts: 2, target: { name: 'west', region: 'west' }, outcome: 'stop' }, { attempts: 1, target: { name: 'west' } }]);
  });

  test('one request finds out that the first is back, and then all come again', async () => {
    const { ask } = regions();
    east.script(serverError(503));
    expect(await ask()).toBe('west');
    let answer = '';
    while (answer !== 'east') answer = await ask();
    expect(await ask()).toBe('east');
  });

  test('a trial holds nobody up for long: while one is under way, others go elsewhere', async () => {
    const { ask } = regions({ limits: { startMs: 800 } });
    east.answerWith(() => ({ kind: 'hang' }));
    expect(await ask()).toBe('west');
    while (east.calls.length < 2) expect(await Promise.all([ask(), ask(), ask()])).toEqual(['west', 'west', 'west']);
    expect(east.calls).toHaveLength(2);
  });

  test('a region that is silent for a while gets nothing new, though it may still answer', async () => {
    const { ask } = regions({ limits: { startMs: 10_000, firstTokenMs: 10_000, deadlineMs: 20_000 } });
    const pace = createPace();
    east.script({ kind: 'text', text: 'east at last', opensAfter: pace });
    const waiting = ask();
    let answer = '';
    while (answer !== 'west') answer = await ask();
    pace.release();
    expect(await waiting).toBe('east at last');
    expect(await ask()).toBe('east');
  });

  test('an answer that broke off is asked for again elsewhere where nobody has seen it, and only there', async () => {
    const { model, ask } = regions();
    east.answerWith(() => ({ kind: 'broken', pieces: ['Half'], how: 'cut' }));
    expect(await ask()).toBe('west');
    const fresh = regions().model;
    const seen: string[] = [];
    await expect((async () => {
      for await (const event of fresh.stream(request, never)) if (event.type === 'text') seen.push(event.text);
    })()).rejects.toMatchObject({ code: 'unavailable' });
    expect(seen).toEqual(['Half']);
    expect(model.name).toBe('east');
  });

  test('what the first says is left of its limits sends requests elsewhere before it refuses them', async () => {
    const { ask } = regions();
    east.script(say('east', { headers: { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-remaining-tokens': '5000' } }));
    expect([await ask(), await ask()]).toEqual(['east', 'west']);
  });

  test('what it does not know (-1) means nothing', async () => {
    const { ask } = regions();
    east.script(say('east', { headers: { 'x-ratelimit-remaining-requests': '-1', 'x-ratelimit-remaining-tokens': '-1' } }));
    expect([await ask(), await ask()]).toEqual(['east', 'east']);
  });

  test('provisioned capacity that is full spills over and is used again at once', async () => {
    const { ask } = regions();
    east.script(tooManyRequests({ 'retry-after-ms': '30' }));
    expect(await ask()).toBe('west');
    let answer = '';
    while (answer !== 'east') answer = await ask();
    expect(east.calls.length).toBeGreaterThanOrEqual(2);
  });

  test('a request larger than the context of the first goes to the second', async () => {
    const { ask } = regions({ east: { contextTokens: 20 } });
    expect(await ask()).toBe('west');
  });

  test('weights share the requests among those of one priority', async () => {
    const { ask } = regions({ east: { weight: 3 }, west: { priority: 1, weight: 1 } });
    for (let count = 0; count < 60; count += 1) await ask();
    expect(east.calls.length).toBeGreaterThan(30);
    expect(west.calls.length).toBeGreaterThan(3);
  });

  test('when both are out, the person hears why, and at most three requests were sent', async () => {
    const { ask } = regions();
    for (const server of [east, west]) server.answerWith(() => serverError(503));
    await expect(ask()).rejects.toMatchObject({ code: 'unavailable' });
    expect(east.calls.length + west.calls.length).toBeLessThanOrEqual(3);
  });
});

describe('with one deployment', () => {
  test('requests over its limits wait in line instead of failing, and in their order', async () => {
    const { ask } = regions({ only: 'east', east: { limits: { ...noLimits, concurrent: 1 } } });
    const pace = createPace();
    let inFlight = 0;
    east.answerWith(async () => {
      inFlight += 1;
      expect(inFlight).toBe(1);
      await pace.turn();
      inFlight -= 1;
      return say('east');
    });
    const order: number[] = [];
    const asking = Promise.all([0, 1, 2, 3].map(async (index) => {
      await ask();
      order.push(index);
    }));
    pace.release();
    await asking;
    expect(order).toEqual([0, 1, 2, 3]);
  });

  test('who waits longer than the patience of a turn is told when to come back', async () => {
    const { ask } = regions({ only: 'east', east: { limits: { ...noLimits, requestsPerMinute: 3 } }, limits: { maxWaitMs: 200 } });
    await ask();
    const startedAt = performance.now();
    await expect(ask()).rejects.toMatchObject({ code: 'rate-limited', retryAfterMs: expect.any(Number) });
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    expect(east.calls).toHaveLength(1);
  });

  test('all calls of a turn have one patience', async () => {
    const patience = createPatience(100);
    await patience.spend(() => new Promise((resolve) => void setTimeout(resolve, 60)));
    expect(patience.leftMs()).toBeGreaterThan(0);
    expect(patience.leftMs()).toBeLessThan(50);
  });

  test('a pause that the service asks for is kept by all, and one request tries it then', async () => {
    const { ask } = regions({ only: 'east' });
    east.script(tooManyRequests({ 'retry-after-ms': '150' }));
    const startedAt = performance.now();
    expect(await Promise.all([ask(), ask(), ask()])).toEqual(['east', 'east', 'east']);
    expect(performance.now() - startedAt).toBeGreaterThan(140);
    expect(east.calls.length).toBeLessThanOrEqual(6);
  });

  test('a storm of 429 without a word costs fewer requests than there are turns', async () => {
    const { ask } = regions({ only: 'east', limits: { maxWaitMs: 500 } });
    east.answerWith(() => tooManyRequests());
    const asked = await Promise.allSettled(Array.from({ length: 20 }, () => ask()));
    const more = await Promise.allSettled(Array.from({ length: 40 }, () => ask()));
    expect([...asked, ...more].every(({ status }) => status === 'rejected')).toBe(true);
    expect(east.calls.length).toBeLessThan(60);
  });
});

test('what comes whole is asked for elsewhere when it does not come in time', async () => {
  const embeddings = [deploymentOf({ kind: 'azure', endpoint: east.url, deployment: 'e', apiKey: 'k' }), deploymentOf({ kind: 'azure', endpoint: west.url, deployment: 'e', apiKey: 'k' }, { name: 'west', priority: 2 })];
  const gateway = createGateway({ deployments: { embeddings } });
  const asked: string[] = [];
  const attempt: Attempt<string> = async function* (connection, watch) {
    asked.push(connection.name);
    if (connection.name === 'west') yield 'from the west';
    else await new Promise((_resolve, reject) => watch.signal.addEventListener('abort', () => reject(new Error('aborted'))));
  };
  const call = { asker, capability: 'embeddings', operation: 'test', tokens: 1, answersWithinMs: 50 } as const;
  for await (const answer of gateway.call(call, attempt, never)) expect(answer).toBe('from the west');
  expect(asked).toEqual(['e', 'west']);
});

test('capabilities that name the same deployment share what is known of it', async () => {
  const shared = deploymentOf({ kind: 'azure', endpoint: east.url, deployment: 'd', apiKey: 'k' });
  const gateway = createGateway({ deployments: { chat: [shared], summarize: [{ ...shared }] }, limits: { maxWaitMs: 50 } });
  east.script(tooManyRequests({ 'retry-after': '30' }));
  await expect(createModel(gateway, 'chat', { asker }).complete(request, never)).rejects.toMatchObject({ code: 'rate-limited' });
  await expect(createModel(gateway, 'summarize', { asker }).complete(request, never)).rejects.toMatchObject({ code: 'rate-limited' });
  expect(east.calls).toHaveLength(1);
});

describe('a gate', () => {
  test('is asked before each call, and settled with what it took, also where it failed', async () => {
    const settled: CallReport[] = [];
    const wanted: number[] = [];
    const gate = { reserve: async (_asker: unknown, { tokens }: { tokens: number }) => (wanted.push(tokens), { settle: async (report: CallReport) => void settled.push(report) }) };
    const gateway = createGateway({ deployments: { chat: [deploymentOf({ kind: 'azure', endpoint: east.url, deployment: 'd', apiKey: 'k' })] }, gate });
    const model = createModel(gateway, 'chat', { asker });
    await model.complete(request, never);
    east.script(deploymentNotFound());
    await expect(model.complete(request, never)).rejects.toMatchObject({ code: 'unavailable' });
    expect(wanted.every((tokens) => tokens > 50)).toBe(true);
    expect(settled.map(({ outcome }) => outcome)).toEqual(['stop', 'unavailable']);
  });

  test('that says no keeps the request from being sent', async () => {
    const gate = { reserve: () => Promise.reject(new AIError('budget-spent', 'Nothing is left for today.')) };
    const gateway = createGateway({ deployments: { chat: [deploymentOf({ kind: 'azure', endpoint: east.url, deployment: 'd', apiKey: 'k' })] }, gate });
    await expect(createModel(gateway, 'chat', { asker }).complete(request, never)).rejects.toMatchObject({ code: 'budget-spent' });
    expect(east.calls).toHaveLength(0);
  });
});

describe('a breaker', () => {
  const failure = (retryAfterMs?: number): AIError => new AIError('unavailable', 'down', retryAfterMs === undefined ? {} : { retryAfterMs });
  const at = { ms: 0 };
  const open = (): Breaker => new Breaker({ now: () => at.ms, random: () => 0 });
  beforeEach(() => (at.ms = 0));

  test('doubles its pause with each trial that fails, up to half a minute', () => {
    const breaker = open();
    const pauses: number[] = [];
    for (let trial = 0; trial < 9; trial += 1) {
      breaker.failed(failure(), breaker.begin());
      pauses.push(breaker.waitMs());
      at.ms += breaker.waitMs();
    }
    expect(pauses).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  });

  test('asks for capacity every ten seconds at least', () => {
    const breaker = open();
    for (let trial = 0; trial < 9; trial += 1) {
      at.ms += breaker.waitMs();
      breaker.failed(new AIError('rate-limited', 'full'), breaker.begin());
    }
    expect(breaker.waitMs()).toBe(10_000);
  });

  test('counts what many requests run into at once a single time, and keeps the longest wish, a minute at most', () => {
    const breaker = open();
    for (let request = 0; request < 5; request += 1) breaker.failed(failure(), false);
    expect(breaker.waitMs()).toBe(500);
    breaker.failed(failure(86_400_000), false);
    expect(breaker.waitMs()).toBe(60_000);
  });

  test('lets one request try it, and is closed by that one alone until the pause is over', () => {
    const breaker = open();
    breaker.failed(failure(1_000), false);
    breaker.answered(false);
    expect(breaker.waitMs()).toBe(1_000);
    at.ms = 1_000;
    expect(breaker.waitMs()).toBe(0);
    expect(breaker.begin()).toBe(true);
    expect(breaker.waitMs()).toBe(Number.POSITIVE_INFINITY);
    breaker.answered(true);
    expect(breaker.waitMs()).toBe(0);
  });
});

describe('an allowance', () => {
  const at = { ms: 0 };
  beforeEach(() => (at.ms = 0));

  test('spreads requests over the minute', () => {
    const allowance = new Allowance({ ...noLimits, requestsPerMinute: 60 }, () => at.ms);
    for (let request = 0; request < 10; request += 1) {
      expect(allowance.waitMs(1)).toBe(0);
      allowance.take(1);
    }
    expect(allowance.waitMs(1)).toBe(1_000);
    at.ms = 1_000;
    expect(allowance.waitMs(1)).toBe(0);
  });

  test('lets a request that is larger than the limit of a minute go when nothing else was sent', () => {
    const allowance = new Allowance({ ...noLimits, tokensPerMinute: 1_000 }, () => at.ms);
    expect(allowance.waitMs(5_000)).toBe(0);
    allowance.take(5_000);
    expect(allowance.waitMs(10)).toBeGreaterThan(200_000);
  });

  test.each([['6m0s', 360_000], ['1.5s', 1_500], ['20ms', 20], ['30', 30_000], ['', 10_000]])('reads that its limit is reset in %s', (text, ms) => {
    const allowance = new Allowance(noLimits, () => at.ms);
    allowance.note(new Headers({ 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': text }));
    at.ms = Math.min(ms, 60_000) - 1;
    expect(allowance.isSpent(1)).toBe(true);
    at.ms += 2;
    expect(allowance.isSpent(1)).toBe(false);
  });
});
