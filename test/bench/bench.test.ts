import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { jwtVerify, createRemoteJWKSet } from 'jose';
import { APP_ID } from './activity';
import { startFakeService, type FakeService } from './fakeService';
import { Target } from './load';
import { medianOf, sumFaults, toMeasurement } from './measure';
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

beforeEach(async () => {
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
    const said: string[] = [];
    replies = (text) => {
      said.push(text);
      return [`echo: ${text}`];
    };
    await withTarget(async (target) => {
      await target.run({ conversations: 1, messages: 1 });
      await target.run({ conversations: 1, messages: 2 });
    });
    expect(said).toEqual(['one', 'two', 'one']);
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
    expect(toMeasurement(load, { cpuMs: 100, rssBytes: 0 }, { cpuMs: 120, rssBytes: 0 })).toEqual({
      cpuMsPerMessage: 5, messagesPerSecond: 2, replyP50Ms: 2, replyP99Ms: 4, ackP50Ms: 1, ackP99Ms: 9, connectorCallsPerMessage: 2, serverBusy: 0.01,
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

describe('the command line', () => {
  test('takes a subset of the peers in their own order', () => {
    expect(readPlan(['--peers', 'botbuilder,floor', '--quick', '--rounds', '3'])).toMatchObject({ peers: ['floor', 'botbuilder'], rounds: 3 });
  });

  test.each([[['--peers', 'nobody'], /nobody/], [['--rounds', '0'], /--rounds/], [['--conversations', '1,x'], /--conversations x/], [['--profile', 'nobody'], /nobody/], [['--slow'], /--slow/]])('refuses %j', (commandLine, message) => {
    expect(() => readPlan(commandLine)).toThrow(message);
  });
});
