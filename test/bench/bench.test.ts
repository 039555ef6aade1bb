import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { jwtVerify, createRemoteJWKSet } from 'jose';
import { APP_ID } from './activity';
import type { PeerResult } from './bench';
import { ASSUMPTIONS, needsOf, toCapacity, type UnitCosts } from './capacity';
import { toClaims } from './claims';
import { startFakeService, type FakeService } from './fakeService';
import type { Growth } from './growth';
import { Target } from './load';
import { medianOf, sumFaults, toMeasurement, type Measurement } from './measure';
import { closeServer } from './peer';
import { readPlan } from './plan';
import { toTable } from './report';
import { median, percentile, ratio } from './statistics';

const ISSUER = 'https://api.botframework.com';

let service: FakeService;
let bot: Server;
/** What the bot posts for a message, in this order. */
let replies: (text: string) => readonly string[];
let status: number;
/** How long the bot thinks. */
let delayMs: number;
/** Conversations and texts as they came in, and how many were being answered at the same time. */
let heard: string[];
let said: string[];
let open: number;
let mostAtOnce: number;

beforeEach(async () => {
  [delayMs, open, mostAtOnce, heard, said] = [0, 0, 0, [], []];
  replies = (text) => [`echo: ${text}`];
  status = 200;
  service = await startFakeService();
  bot = createServer((request, response) => void handle(request).then(() => {
    response.statusCode = status;
    response.end();
  }));
  bot.listen(0, '127.0.0.1');
  await once(bot, 'listening');
});

afterEach(async () => {
  await closeServer(bot);
  await service.close();
});

async function handle(request: AsyncIterable<Buffer>): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const activity = JSON.parse(Buffer.concat(chunks).toString('utf8'));
  heard.push(activity.conversation.id);
  said.push(activity.text);
  mostAtOnce = Math.max(mostAtOnce, (open += 1));
  await new Promise((resolve) => setTimeout(resolve, delayMs));
  open -= 1;
  for (const text of replies(activity.text)) {
    const body = JSON.stringify({ type: 'message', text, replyToId: activity.id });
    await fetch(`${service.url}/v3/conversations/${activity.conversation.id}/activities/${activity.id}`, { method: 'POST', body });
  }
}

async function withTarget<T>(use: (target: Target) => Promise<T>, answerLimitMs?: number): Promise<T> {
  const url = `http://127.0.0.1:${(bot.address() as AddressInfo).port}/api/messages`;
  const script = ['one', 'two'].map((say) => ({ say, isAnswer: (text: string) => text === `echo: ${say}` }));
  const target = new Target({ name: 'test', url, appId: APP_ID, token: 'x', script, service, answerLimitMs });
  return use(target).finally(() => target.close());
}

const noFaults = { wrong: 0, double: 0, missing: 0, refused: 0 };

describe('the load', () => {
  test('counts every message that was answered rightly, with its times, and ends at the number asked for', async () => {
    const load = await withTarget((target) => target.run({ conversations: 3, messages: 10 }));
    expect(load).toMatchObject({ messages: 10, connectorCalls: 10, faults: noFaults });
    expect(load.replyMs).toHaveLength(10);
    expect(load.ackMs.every((ms) => ms > 0)).toBe(true);
  });

  test('ends when its time is over', async () => {
    const load = await withTarget((target) => target.run({ conversations: 2, durationMs: 50 }));
    expect(load.messages).toBeGreaterThan(0);
    expect(load.faults).toEqual(noFaults);
  });

  test('ends when it is told to stop', async () => {
    const stop = new AbortController();
    replies = (text) => {
      stop.abort();
      return [`echo: ${text}`];
    };
    const load = await withTarget((target) => target.run({ conversations: 1, signal: stop.signal }));
    expect(load.messages).toBe(1);
  });

  test('goes on with the script where the run before ended', async () => {
    await withTarget(async (target) => {
      await target.run({ conversations: 1, messages: 1 });
      await target.run({ conversations: 1, messages: 2 });
    });
    expect(said).toEqual(['one', 'two', 'one']);
  });

  test('lets more people take turns than talk at once', async () => {
    const load = await withTarget((target) => target.run({ conversations: 2, people: 5, messages: 10 }));
    expect(load.messages).toBe(10);
    expect(heard).toHaveLength(10);
    for (const each of new Set(heard)) expect(heard.filter((other) => other === each)).toHaveLength(2);
    expect(new Set(heard).size).toBe(5);
  });

  test('has other people talk, and the first ones go on later', async () => {
    await withTarget(async (target) => {
      await target.run({ conversations: 1, messages: 1 });
      target.changePeople('other');
      await target.run({ conversations: 1, messages: 1 });
      target.changePeople('test');
      await target.run({ conversations: 1, messages: 1 });
    });
    expect(heard).toEqual(['test-0', 'other-0', 'test-0']);
    expect(said).toEqual(['one', 'one', 'two']);
  });

  test('sends at a fixed rate while the answers are still out, and counts the wait from when a message was due', async () => {
    delayMs = 100;
    const load = await withTarget((target) => target.run({ conversations: 1, people: 30, messages: 20, ratePerSecond: 100 }));
    expect(load).toMatchObject({ messages: 20, faults: noFaults });
    expect(mostAtOnce).toBeGreaterThan(1);
    expect(load.wallMs).toBeGreaterThan(190);
    expect(Math.min(...load.replyMs)).toBeGreaterThan(95); // timers count whole milliseconds from a time that was read before
  });

  test('ends where there are too few people for the rate', async () => {
    delayMs = 200;
    await expect(withTarget((target) => target.run({ conversations: 1, people: 2, messages: 5, ratePerSecond: 1_000 }))).rejects.toThrow('All 2 people wait');
  });

  test('reports a wrong answer and does not count its message', async () => {
    replies = (text) => [text === 'two' ? 'echo: one' : `echo: ${text}`];
    const load = await withTarget((target) => target.run({ conversations: 1, messages: 4 }));
    expect(load).toMatchObject({ messages: 2, faults: { ...noFaults, wrong: 2 } });
  });

  test('reports a second answer and does not count its message', async () => {
    replies = (text) => [`echo: ${text}`, ...(text === 'two' ? [`echo: ${text}`] : [])];
    const load = await withTarget((target) => target.run({ conversations: 1, messages: 4 }));
    expect(load).toMatchObject({ messages: 2, faults: { ...noFaults, double: 2 } });
  });

  test('reports a message without an answer, and gives a silent peer up after 20', async () => {
    replies = () => [];
    const load = await withTarget((target) => target.run({ conversations: 1 }), 5);
    expect(load).toMatchObject({ messages: 0, faults: { ...noFaults, missing: 20 } });
  });

  test.each([[true], [false]])('reports an HTTP refusal, with an answer: %s', async (isAnswered) => {
    replies = (text) => (isAnswered ? [`echo: ${text}`] : []);
    status = 500;
    const load = await withTarget((target) => target.run({ conversations: 1, messages: 2 }));
    expect(load).toMatchObject({ messages: 0, faults: { ...noFaults, refused: 2 } });
  });
});

test('the fake service signs tokens that its published keys verify, with the claims of the channel', async () => {
  const metadata = JSON.parse(await (await fetch(service.openIdMetadataUrl)).text());
  const keys = createRemoteJWKSet(new URL(metadata.jwks_uri));
  const token = service.token({ issuer: ISSUER, audience: APP_ID });
  const { payload } = await jwtVerify(token, keys, { issuer: ISSUER, audience: APP_ID });
  expect(payload.serviceurl).toBe(service.url);
});

describe('the numbers', () => {
  test.each([
    [[5, 1, 4, 2, 3], 0.5, 3],
    [[1, 2, 3, 4], 0.99, 4],
    [[1, 2, 3, 4], 0.25, 1],
    [[7], 0.5, 7],
    [[], 0.5, NaN],
  ])('percentile of %j at %d is %d', (values, fraction, expected) => {
    expect(percentile(values, fraction)).toBe(expected);
  });

  test('median is the middle, or the mean of the two in the middle', () => {
    expect([median([3, 1, 2]), median([4, 1, 2, 3]), median([])]).toEqual([2, 2.5, NaN]);
  });

  test('ratio is not a number where there is nothing to compare with', () => {
    expect([ratio(3, 2), ratio(3, 0), ratio(3, undefined)]).toEqual([1.5, NaN, NaN]);
  });

  test('a measurement divides by the messages that counted', () => {
    const load = { messages: 4, wallMs: 2_000, replyMs: [1, 2, 3, 4], ackMs: [1, 1, 1, 9], connectorCalls: 8, faults: noFaults };
    expect(toMeasurement(load, { cpuMs: 100, rssBytes: 0, storeCpuMs: 30 }, { cpuMs: 120, rssBytes: 0, storeCpuMs: 38 })).toEqual({
      cpuMsPerMessage: 5, storeCpuMsPerMessage: 2, messagesPerSecond: 2, replyP50Ms: 2, replyP95Ms: 4, replyP99Ms: 4,
      ackP50Ms: 1, ackP95Ms: 9, ackP99Ms: 9, connectorCallsPerMessage: 2, serverBusy: 0.01,
    });
  });

  test('rounds are joined by the median of each field, faults by their sum', () => {
    expect(medianOf([{ a: 1, b: 9 }, { a: 2, b: 8 }, { a: 9, b: 1 }])).toEqual({ a: 2, b: 8 });
    expect(sumFaults([{ faults: { ...noFaults, wrong: 1 } }, { faults: { ...noFaults, wrong: 2, missing: 1 } }])).toEqual({ ...noFaults, wrong: 3, missing: 1 });
  });

  test('a table puts its columns under their heads', () => {
    expect(toTable(['peer', 'ms'], [['floor', 1.5], ['x', 10]])).toBe('\npeer    ms\nfloor  1.5\nx       10');
  });
});

describe('the claims', () => {
  const load = { ackP99Ms: 40, storeCpuMsPerMessage: 9 } as Measurement; // what the claims read
  const peer = (name: PeerResult['name'], cpuMsPerMessage: number): PeerResult => ({
    name,
    title: '',
    start: { wallMs: 0, cpuMs: 0, idleRssMB: 0 },
    rssAfterLoadMB: 0,
    faults: noFaults,
    loads: [
      { ...load, cpuMsPerMessage: 99, conversations: 1, people: 1 },
      { ...load, cpuMsPerMessage, conversations: 64, people: 64 },
      { ...load, cpuMsPerMessage: 99, conversations: 64, people: 4_096 },
    ],
    paced: { ...load, cpuMsPerMessage, ratePerSecond: 50 },
  });
  const growth = (ratio: number): Growth => ({ name: 'parley', blocks: [], grownCpuMsPerTurn: 0, newCpuMsPerTurn: 0, ratio, documentBytes: 0, faults: noFaults });

  test('compare at the largest number of conversations, and say which are met', () => {
    const claims = toClaims([peer('botbuilder', 1), peer('teams', 0.5), peer('parley', 0.6)], [growth(1.3)]);
    expect(claims.map(({ figure, bar, isMet }) => ({ figure, bar, isMet }))).toEqual([
      { figure: 0.6, bar: 0.75, isMet: true },
      { figure: 1.2, bar: 1, isMet: false },
      { figure: 40, bar: 100, isMet: true },
      { figure: 1.3, bar: 1.2, isMet: false },
    ]);
  });

  test('say nothing of a peer that did not take part', () => {
    expect(toClaims([peer('parley', 0.6)], []).map(({ what }) => what)).toEqual([expect.stringContaining('p99')]);
  });
});

describe('the capacity model', () => {
  const costs: UnitCosts = {
    turnCpuMs: 1, turnStoreCpuMs: 0.5, turnStatements: 10, turnCommits: 2, turnWalBytes: 1_048_576, turnStoredBytes: 1_024,
    connections: 8, socketKB: 64, socketIdleCpuMsPerSecond: 0, socketOpenCpuMs: 0,
  };
  const assumptions = { ...ASSUMPTIONS, turnsPerConversation: 10, peakFactor: 2, webChatShare: 0.5, webChatMinutes: 10, utilisation: 0.5, processMB: 256, socketsPerProcess: 1_000, retentionDays: 1 };

  test('multiplies what one turn and one open web chat cost', () => {
    // 8,640,000 a day are 100 a second, 200 at the peak: 2,000 turns, 100 pages opened, each for 600 seconds.
    expect(needsOf(8_640_000, costs, assumptions)).toMatchObject({
      turnsPerSecond: 2_000, openSockets: 60_000, processes: 60, storeCores: 2, connections: 480,
      statementsPerSecond: 20_000, commitsPerSecond: 4_000, walMBPerSecond: 2_000,
    });
    expect(needsOf(8_640_000, costs, assumptions).memoryGB).toBeCloseTo(15 + 3.66, 2);
    expect(needsOf(8_640_000, costs, assumptions).storedGB).toBeCloseTo(82.4, 1);
  });

  test('plans as many cores as the turns keep half busy, where web chats need fewer processes', () => {
    expect(needsOf(8_640_000, costs, { ...assumptions, webChatShare: 0 }).processes).toBe(4);
  });

  test('never plans fewer than two processes', () => {
    expect(needsOf(1, costs, assumptions)).toMatchObject({ processes: 2, storeCores: 1 });
  });

  test('reads the results of the bench, and refuses to compute without them', () => {
    const bench = {
      peers: [{ name: 'parley-postgres', loads: [{ people: 1, cpuMsPerMessage: 9, storeCpuMsPerMessage: 9 }, { people: 4_096, cpuMsPerMessage: 0.4, storeCpuMsPerMessage: 0.3 }] }],
      stores: [{ name: 'parley-postgres', people: 4_096, connections: 10, perTurn: { statements: 9, commits: 1, writtenBytes: 5_000, storedBytes: 900 } }],
    };
    const sockets = { sockets: [{ name: 'parley-postgres', sockets: 2_000, rssKBPerSocket: 30, idleCpuMsPerSecond: 4, openCpuMs: 2 }] };
    const text = toCapacity(bench, sockets);
    expect(text).toContain('| turns a second that keep one core of Parley busy | 2,500 |');
    expect(text).toContain('| conversations a day | 1,000,000 | 10,000,000 | 100,000,000 |');
    expect(() => toCapacity({ ...bench, stores: [] }, sockets)).toThrow('npm run bench');
    expect(() => toCapacity({}, sockets)).toThrow();
  });
});

describe('the command line', () => {
  test('takes numbers of web chats, and the wish for the capacity model', () => {
    expect(readPlan(['--sockets', '1000,2000', '--capacity'])).toMatchObject({ sockets: [1_000, 2_000], capacity: true });
  });

  test('takes a subset of the peers in their own order', () => {
    expect(readPlan(['--peers', 'botbuilder,floor', '--quick', '--rounds', '3'])).toMatchObject({ peers: ['floor', 'botbuilder'], rounds: 3 });
  });

  test.each([[['--peers', 'nobody'], /nobody/], [['--rounds', '0'], /--rounds/], [['--conversations', '1,x'], /--conversations x/], [['--profile', 'nobody'], /nobody/], [['--slow'], /--slow/]])('refuses %j', (commandLine, message) => {
    expect(() => readPlan(commandLine)).toThrow(message);
  });
});
