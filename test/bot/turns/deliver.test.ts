import { join } from 'node:path';
import { pino } from 'pino';
import { createDirectLineConnector } from '../../../bot/directLine/connector';
import type { Streams } from '../../../bot/directLine/streams';
import { createDelivery, type Delivery } from '../../../bot/turns/deliver';
import { StateError } from '../../../state/database';
import { createDirectLineStore } from '../../../state/directLine';
import { openDatabase } from '../../../state/openDatabase';
import type { OutboxRow } from '../../../state/turns';
import { startFakeConnector, type FakeConnector, type Fault } from '../../helpers/fakeConnector';
import { temporaryFolder } from '../../helpers/temporaryFolder';
import { fakeClock, testConnectors, type FakeClock } from '../connector/connectors';
import type { Connectors } from '../../../bot/connector/httpConnector';

const CONVERSATION = 'a:1';
const stillGoing = new AbortController().signal;

let teams: FakeConnector;
let connectors: Connectors;
let delivery: Delivery;
let clock: FakeClock;
let logged: Record<string, unknown>[];

async function start(during?: Parameters<typeof fakeClock>[0]): Promise<void> {
  teams = await startFakeConnector();
  teams.open({ id: CONVERSATION });
  clock = fakeClock(during);
  logged = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => void logged.push(JSON.parse(line) as Record<string, unknown>) });
  connectors = testConnectors({ timeoutMs: 500, retry: clock.retry });
  delivery = createDelivery({ connectorFor: connectors.for, log, clock: clock.clock });
}

async function stop(): Promise<void> {
  await connectors.close();
  await teams.close();
}

/** With something that happens during each wait. */
async function restart(during: Parameters<typeof fakeClock>[0]): Promise<void> {
  await stop();
  await start(during);
}

beforeEach(() => start());
afterEach(stop);

let rows = 0;
const row = (text: string, more: Partial<OutboxRow> & { readonly parts?: object } = {}): OutboxRow => {
  const { parts, ...rest } = more;
  const activity = { type: 'message', text, channelId: 'msteams', conversation: { id: CONVERSATION }, recipient: { id: '29:ada' }, from: { id: '28:bot' }, ...parts };
  return { conversationKey: `28:bot|msteams|${CONVERSATION}`, id: `m:${++rows}`, sequence: 1, position: 0, kind: 'send', targetId: undefined, serviceUrl: teams.serviceUrl, activity: JSON.stringify(activity), ...rest };
};
const texts = (): unknown[] => teams.activities(CONVERSATION).map(({ text }) => text);
const posts = (): string[] => teams.requests.map(({ method, text }) => `${method} ${(JSON.parse(text) as { type: string }).type}`);
const codes = (): unknown[] => logged.map(({ code, msg }) => `${String(msg)}: ${String(code)}`);
const times = (count: number, fault: Fault): Fault[] => Array.from({ length: count }, () => fault);

describe('what the channel did not take', () => {
  test.each<[Fault, number]>([
    [{ status: 429, retryAfter: '7' }, 7_000],
    [{ status: 429, retryAfter: '3600' }, 60_000],
    [{ status: 429 }, 1_000],
    [{ status: 412 }, 1_000],
  ])('%j is posted again after %d ms, and seen once', async (fault, waitMs) => {
    teams.failNext([fault]);
    await expect(delivery.deliver(row('Hello'), stillGoing)).resolves.toBe('delivered');
    expect([texts(), clock.waitsMs]).toEqual([['Hello'], [waitMs]]);
  });

  test('is tried again with growing pauses up to five minutes, for six hours, then given up and told in the log', async () => {
    teams.failNext(times(200, { status: 429 }));
    await expect(delivery.deliver(row('Hello'), stillGoing)).resolves.toBe('given-up');
    expect(clock.waitsMs.slice(0, 11)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 128_000, 256_000, 300_000, 300_000]);
    const waitedMs = clock.waitsMs.reduce((sum, waitMs) => sum + waitMs, 0);
    expect(waitedMs).toBeGreaterThan(5.9 * 3_600_000);
    expect(waitedMs).toBeLessThanOrEqual(6 * 3_600_000);
    expect(codes().at(-1)).toBe('reply was not delivered: rate-limited');
  });

  test('waits out a service that cannot be reached', async () => {
    let port = 0;
    await restart(async () => {
      if (clock.waitsMs.length < 7) return;
      teams = await startFakeConnector({ port });
      teams.open({ id: CONVERSATION });
    });
    const { serviceUrl } = teams;
    port = teams.port;
    await teams.close();
    await expect(delivery.deliver(row('Hello', { serviceUrl }), stillGoing)).resolves.toBe('delivered');
    expect(clock.waitsMs).toHaveLength(7);
    expect(texts()).toEqual(['Hello']);
  });

  test('waits for Entra ID and sends nothing before', async () => {
    let isDown = true;
    await restart(() => void (isDown = clock.waitsMs.length < 8));
    await connectors.close();
    connectors = testConnectors({ retry: clock.retry, token: () => (isDown ? Promise.reject(new Error('Entra is down')) : Promise.resolve('token')) });
    delivery = createDelivery({ connectorFor: connectors.for, log: pino({ enabled: false }), clock: clock.clock });
    await expect(delivery.deliver(row('Hello'), stillGoing)).resolves.toBe('delivered');
    expect([texts(), teams.requests.length, clock.waitsMs.length]).toEqual([['Hello'], 1, 8]);
  });

  test('waits for somebody to mend a bot whose token is refused, since nothing was taken', async () => {
    teams.failNext(times(4, { status: 401 }));
    await expect(delivery.deliver(row('Hello'), stillGoing)).resolves.toBe('delivered');
    expect([texts(), clock.waitsMs]).toEqual([['Hello'], [1_000, 2_000, 4_000, 8_000]]);
  });

  test('stays where the process is ending: the row is for the next one', async () => {
    const ending = new AbortController();
    await restart(() => ending.abort());
    teams.failNext(times(2, { status: 429 }));
    await expect(delivery.deliver(row('Hello'), ending.signal)).resolves.toBe('interrupted');
    await expect(delivery.deliver(row('Hello'), ending.signal)).resolves.toBe('interrupted');
    expect([texts(), teams.requests.length]).toEqual([[], 1]);
  });
});

describe('it is unknown whether a message arrived', () => {
  const notTaken: Fault[] = ['drop-before', { status: 502 }, { status: 503, retryAfter: '1' }, { status: 504 }, 'hang', { status: 408 }, { status: 500 }];
  const taken: Fault[] = ['drop-after', { status: 504, isDelivered: true }];

  test.each(notTaken)('%j: the answer is posted once more, and typing goes ahead to see whether the service is back', async (fault) => {
    teams.failNext([fault]);
    await expect(delivery.deliver(row('Hello'), stillGoing)).resolves.toBe('delivered');
    expect(texts()).toEqual(['Hello']);
    expect(posts()).toEqual(['POST message', 'POST typing', 'POST message']);
    expect(logged[0]).toMatchObject({ msg: 'reply is posted again', code: 'ambiguous', isPerhapsPosted: true });
  });

  test.each(taken)('%j: a message that did arrive is seen twice at most', async (fault) => {
    teams.failNext([fault]);
    await expect(delivery.deliver(row('Hello'), stillGoing)).resolves.toBe('delivered');
    expect(texts()).toEqual(['Hello', 'Hello']);
  });

  test('an outage of hours ends with one answer: only typing asks whether it is over', async () => {
    teams.failNext(times(40, { status: 503 }));
    await expect(delivery.deliver(row('Hello'), stillGoing)).resolves.toBe('delivered');
    expect(texts()).toEqual(['Hello']);
    expect(posts().filter((post) => post === 'POST message')).toHaveLength(2);
  });

  test('after the second time it is left, and told in the log', async () => {
    teams.failNext([{ status: 502 }]);
    const sending = delivery.deliver(row('Hello'), stillGoing);
    await teams.waitFor(() => posts().includes('POST typing'));
    teams.failNext(['drop-after']);
    await expect(sending).resolves.toBe('given-up');
    expect(texts()).toEqual(['Hello']);
    expect(logged.at(-1)).toMatchObject({ msg: 'reply was not delivered', code: 'ambiguous', isPerhapsPosted: true });
  });

  test.each([...notTaken, ...taken])('%j: what replaces a message is repeated until it is there, and seen once', async (fault) => {
    const id = await connectors.for(teams.serviceUrl).send(CONVERSATION, { type: 'message', text: 'Working on it' });
    teams.failNext(times(3, fault));
    await expect(delivery.deliver(row('The answer', { kind: 'update', targetId: id }), stillGoing)).resolves.toBe('delivered');
    expect(texts()).toEqual(['The answer']);
  });

  test.each([...notTaken, ...taken])('%j: the end of a stream takes the place of the stream, and is seen once', async (fault) => {
    const targetId = await connectors.for(teams.serviceUrl).send(CONVERSATION, { type: 'typing', text: 'One', entities: [{ type: 'streaminfo', streamType: 'streaming', streamSequence: 1 }] });
    teams.failNext([fault]);
    const parts = { channelData: { streamType: 'final', streamId: targetId }, entities: [{ type: 'streaminfo', streamType: 'final', streamId: targetId }] };
    await expect(delivery.deliver(row('One two', { kind: 'finish-stream', targetId, parts }), stillGoing)).resolves.toBe('delivered');
    expect(texts()).toEqual(['One two']);
    expect(posts().at(-1)).toBe('PUT message');
  });
});

describe('what will not be taken', () => {
  test.each<[Fault, string]>([
    [{ status: 403, code: 'BotNotInConversationRoster' }, 'blocked'],
    [{ status: 404, code: 'ConversationNotFound' }, 'gone'],
    [{ status: 400, code: 'BadSyntax' }, 'bad-request'],
  ])('%j is told in the log and not tried again', async (fault, code) => {
    teams.failNext([fault]);
    await expect(delivery.deliver(row('Hello'), stillGoing)).resolves.toBe('given-up');
    expect([teams.requests.length, codes()]).toEqual([1, [`reply was not delivered: ${code}`]]);
  });

  test('a service URL that is not allowed gets nothing', async () => {
    await connectors.close();
    connectors = testConnectors({ isAllowed: () => false });
    delivery = createDelivery({ connectorFor: connectors.for, log: pino({ enabled: false }), clock: clock.clock });
    await expect(delivery.deliver(row('Hello'), stillGoing)).resolves.toBe('given-up');
    expect(teams.requests).toEqual([]);
  });

  test('an address that is none is given up, not thrown', async () => {
    await expect(delivery.deliver(row('Hello', { serviceUrl: 'javascript:alert(1)' }), stillGoing)).resolves.toBe('given-up');
  });

  test('the answer is a new message where the placeholder was deleted meanwhile', async () => {
    await expect(delivery.deliver(row('The answer', { kind: 'update', targetId: '1' }), stillGoing)).resolves.toBe('delivered');
    expect(texts()).toEqual(['The answer']);
  });

  test('a stream that the person stopped stays as it is', async () => {
    teams.failNext([{ status: 403, code: 'ContentStreamNotAllowed', message: 'Content stream was canceled by user.' }]);
    await expect(delivery.deliver(row('One two', { kind: 'finish-stream', targetId: '1' }), stillGoing)).resolves.toBe('stopped');
    expect([posts(), codes()]).toEqual([['POST message'], ['answer was stopped by the person: undefined']]);
  });
});

describe('what is too large', () => {
  test('is posted in parts, in order and whole', async () => {
    const words = Array.from({ length: 15_000 }, (_, index) => `word${index}`);
    await expect(delivery.deliver(row(words.join(' ')), stillGoing)).resolves.toBe('delivered');
    expect(texts().join(' ')).toBe(words.join(' '));
    expect(texts().length).toBeGreaterThan(1);
  });

  test('replaces its placeholder by the first part', async () => {
    const id = await connectors.for(teams.serviceUrl).send(CONVERSATION, { type: 'message', text: 'Working on it' });
    const text = 'A sentence. '.repeat(8_000).trim();
    await expect(delivery.deliver(row(text, { kind: 'update', targetId: id }), stillGoing)).resolves.toBe('delivered');
    expect(texts().join(' ')).toBe(text);
  });

  test('is cut smaller and smaller where the channel takes less than it says, and given up at last', async () => {
    teams.failNext(times(50, { status: 413, code: 'MessageSizeTooBig' }));
    await expect(delivery.deliver(row('A sentence. '.repeat(3_000)), stillGoing)).resolves.toBe('given-up');
    expect(teams.requests.length).toBeLessThan(8);
  });
});

describe('the embedded Direct Line', () => {
  const folder = temporaryFolder();
  afterAll(() => folder.remove());

  test.each(['before', 'after'] as const)('shows an answer once when its store fails %s the writing, time and again', async (moment) => {
    const database = await openDatabase(join(folder.path, `${moment}.db`));
    const kept = createDirectLineStore(database);
    await kept.start('web', { id: 'dl_1' });
    let failures = 0;
    const outage = (): never => {
      failures += 1;
      throw new StateError('unavailable', 'The store is away.');
    };
    const append: typeof kept.append = async (conversationId, activity) => {
      if (failures < 9 && moment === 'before') outage();
      const appended = await kept.append(conversationId, activity);
      return failures < 9 ? outage() : appended;
    };
    const seen: string[] = [];
    // A stream that nobody listens to: only its being called matters here.
    const streams = { notify: (id: string) => seen.push(id), showLive: () => undefined, told: async (id: string) => void seen.push(`${id} was told`) } as unknown as Streams;
    const connector = createDirectLineConnector({ store: { ...kept, append }, streams, botId: 'bot' });
    const parts = { channelId: 'directline', conversation: { id: 'web' }, channelData: { outboxId: 'o-1' } };
    const web = createDelivery({ connectorFor: () => connector, log: pino({ enabled: false }), clock: clock.clock });
    await expect(web.deliver(row('Hello', { parts }), stillGoing)).resolves.toBe('delivered');
    expect([failures, (await kept.changes('web', 0, 10)).length, seen]).toEqual([9, 1, ['web', 'web was told']]);
    await database.close();
  });
});
