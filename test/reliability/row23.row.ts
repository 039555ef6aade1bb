import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { percentile } from '../bench/statistics';
import { startServerProcess, type ServerProcess } from '../helpers/serverProcess';
import { temporaryFolder } from '../helpers/temporaryFolder';
import { startChannel, type Channel } from './channel';
import { atPace } from './load';
import { watchMemory } from './memory';
import { dribble, openClient, post, sendRaw } from './rawHttp';
import { expectMeasured, score } from './scorecard';

const PER_SECOND = 20;
const BASE_TURNS = 400;
/** The heap grows to 100 MB before it is first swept (34 MB are in use), and stays at what it was then. */
const WARM_TURNS = 2_400;
const ATTACK_MS = 60_000;
const SLOW_CLIENTS = 200;
const MAX_SLOW_MS = 15_000;
const MAX_RSS_GROWTH_BYTES = 50_000_000;

const folder = temporaryFolder();
const temporary = join(folder.path, 'tmp');
let server: ServerProcess;
let channel: Channel;

beforeAll(async () => {
  mkdirSync(temporary);
  server = await startServerProcess({ DATABASE_URL: join(folder.path, 'parley.db'), TMPDIR: temporary });
  channel = await startChannel({ botUrl: server.url });
});
afterAll(async () => {
  await channel.close();
  await server.end('SIGTERM');
  folder.remove();
});

test('row 23: a minute of every abuse of HTTP at once stops nobody else', async () => {
  const quiet = watchMemory(server.pid);
  await goodTraffic(WARM_TURNS, 100);
  const base = await goodTraffic(BASE_TURNS);
  const rssBefore = quiet.stop(); // the most that good traffic takes by itself, between two sweeps of the heap
  const memory = watchMemory(server.pid);

  const [slow, outcomes, under] = await Promise.all([slowClients(), abuse(), goodTraffic((ATTACK_MS / 1_000) * PER_SECOND)]);
  const growth = memory.stop() - rssBefore;

  expect(server.isRunning()).toBe(true);
  expect(outcomes.filter(({ isRight }) => !isRight)).toEqual([]);
  expect(slow.filter((openMs) => openMs > MAX_SLOW_MS)).toEqual([]);
  expect(slow.length).toBeGreaterThanOrEqual(SLOW_CLIENTS);
  expect(readdirSync(temporary)).toEqual([]);
  expectMeasured(growth).toBeLessThan(MAX_RSS_GROWTH_BYTES);
  const [basis, p95] = [percentile(base, 0.95), percentile(under, 0.95)];
  expectMeasured(p95).toBeLessThanOrEqual(2 * basis);
  score(23, {
    load: `${outcomes.length} abuses and ${SLOW_CLIENTS} slow connections for ${ATTACK_MS / 1_000} s (${slow.length} in all), ${PER_SECOND} turns/s beside`,
    figure: `0 exits, good p95 ${p95.toFixed(1)} ms (base ${basis.toFixed(1)} ms), slowest cut after ${(Math.max(...slow) / 1_000).toFixed(1)} s, RSS +${(growth / 1e6).toFixed(0)} MB, 0 temporary files`,
  });
}, 180_000);

/** Milliseconds until each message was answered. Every one must be acknowledged at its first delivery. */
async function goodTraffic(turns: number, perSecond = PER_SECOND): Promise<readonly number[]> {
  const deliveries = await atPace(turns, perSecond, (index) => channel.say(`good-${index % 200}`, 'hello'));
  await channel.allAnswered(10_000);
  expect(deliveries.filter(({ outcomes }) => outcomes.length !== 1 || outcomes[0] !== 200)).toEqual([]);
  const answeredAtMs = channel.answeredAtMs();
  return deliveries.map(({ id, saidAtMs }) => (answeredAtMs.get(id) ?? Infinity) - saidAtMs);
}

/** Holds 200 slow connections for a minute, each replaced when it is cut; gives how long each was held. */
async function slowClients(): Promise<readonly number[]> {
  const endsAt = performance.now() + ATTACK_MS;
  const held: number[] = [];
  const hold = async (index: number): Promise<void> => {
    while (performance.now() < endsAt) held.push(await slowly(index));
  };
  await Promise.all(Array.from({ length: SLOW_CLIENTS }, (_, index) => hold(index)));
  return held;
}

async function slowly(index: number): Promise<number> {
  const client = openClient(server.url);
  const head = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n';
  if (index % 4 === 0) await dribble(client, head, 'X-Slow: 1\r\n', 1_000); // headers without end
  else if (index % 4 === 1) await dribble(client, post('/api/messages', 'Content-Type: application/json', 'Content-Length: 100000'), ' ', 1_000); // a body byte by byte
  else if (index % 4 === 2) await dribble(client, '', '', 1_000); // a connection and nothing else
  else await neverReading(client); // an answer that nobody takes
  return (await client.closed).openMs;
}

async function neverReading(client: ReturnType<typeof openClient>): Promise<void> {
  client.socket.pause();
  for (let count = 0; count < 20; count += 1) client.socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await sleep(MAX_SLOW_MS - 500);
  client.socket.resume(); // it has been cut long ago: only now we get to hear of it
  await sleep(100);
  if (!client.socket.destroyed) await client.closed;
}

interface Outcome {
  readonly what: string;
  readonly status: number | undefined;
  readonly isRight: boolean;
}

type Attack = readonly [what: string, times: number, right: readonly (number | undefined)[], run: () => Promise<number | undefined>];

const JSON_TYPE = 'Content-Type: application/json';
const bomb = gzipSync(Buffer.alloc(60_000_000));
const refused = (...statuses: (number | undefined)[]): readonly (number | undefined)[] => statuses;

const attacks: readonly Attack[] = [
  ['a body that is no gzip', 50, refused(415), () => sendRaw(server.url, post('/api/messages', JSON_TYPE, 'Content-Encoding: gzip', 'Content-Length: 8'), 'not gzip')],
  ['a gzip that is cut short', 50, refused(415), () => sendRaw(server.url, post('/api/messages', JSON_TYPE, 'Content-Encoding: gzip', 'Content-Length: 30'), bomb.subarray(0, 30))],
  ['a bomb of 60 MB', 5, refused(415), () => sendRaw(server.url, post('/api/messages', JSON_TYPE, 'Content-Encoding: gzip', `Content-Length: ${bomb.length}`), bomb)],
  ['a body a little over 1 MB', 10, refused(413), () => sendBytes('/api/messages', JSON_TYPE, 1_100_000)],
  ['a body of 10 MB', 10, refused(413), () => sendBytes('/api/messages', JSON_TYPE, 10_000_000)],
  ['a body of 100 MB', 3, refused(413), () => sendBytes('/api/messages', JSON_TYPE, 100_000_000)],
  ['a body of 10 MB without a length', 5, refused(413), () => sendChunks('/api/messages', 10_000_000, 65_536)],
  ['a body byte by byte', 2, refused(413), () => sendChunks('/api/webchat/token', 40_000, 1)],
  ['multipart', 10, refused(415), () => sendBytes('/api/messages', 'Content-Type: multipart/form-data; boundary=x', 5_000_000)],
  ['CSV', 10, refused(415), () => sendRaw(server.url, post('/api/messages', 'Content-Type: text/csv', 'Content-Length: 6'), 'a,"b\r\n')],
  ['100 MB for the upload of a stranger', 2, refused(401), () => sendBytes('/v3/directline/conversations/x/upload', 'Content-Type: image/png', 100_000_000)],
  ['headers without end', 20, refused(431, undefined), () => sendRaw(server.url, 'GET / HTTP/1.1\r\nHost: localhost\r\n', 'X-Flood: 1234567890\r\n'.repeat(50_000))],
  ['a line without end', 20, refused(431, undefined), () => sendRaw(server.url, `GET /${'a'.repeat(1_000_000)}`)],
  ['many headers', 20, refused(200, 431), () => sendRaw(server.url, `GET /healthz HTTP/1.1\r\nHost: localhost\r\n${Array.from({ length: 900 }, (_, index) => `h${index}: x\r\n`).join('')}\r\n`)],
  ['the preface of HTTP/2', 20, refused(400, undefined), () => sendRaw(server.url, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')],
  ['bytes that are no HTTP', 20, refused(400, undefined), () => sendRaw(server.url, Buffer.alloc(4_096, 0xff))],
  ['two lengths', 20, refused(400), () => sendRaw(server.url, post('/api/messages', JSON_TYPE, 'Content-Length: 2', 'Content-Length: 3'), '{}')],
  ['a length and chunks', 20, refused(400), () => sendRaw(server.url, post('/api/messages', JSON_TYPE, 'Content-Length: 2', 'Transfer-Encoding: chunked'), '2\r\n{}\r\n0\r\n\r\n')],
  ['a chunk of broken length', 20, refused(400), () => sendRaw(server.url, post('/api/messages', JSON_TYPE, 'Transfer-Encoding: chunked'), 'zz\r\n{}\r\n0\r\n\r\n')],
  ['a tunnel', 20, refused(400, 405, undefined), () => sendRaw(server.url, 'CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n')],
  ['another protocol', 20, refused(404), () => sendRaw(server.url, 'GET /chat HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: eA==\r\n\r\n')],
  ['a host that is none', 20, refused(400), () => sendRaw(server.url, 'GET //%00 HTTP/1.1\r\nHost: [\r\n\r\n')],
  ['a thousand requests in one go', 5, refused(undefined, 200), () => sendRaw(server.url, 'GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(1_000))],
  ['a body that was asked about first', 10, refused(413), () => sendRaw(server.url, post('/api/messages', JSON_TYPE, 'Expect: 100-continue', 'Content-Length: 2000000'))],
];

/** Every attack, spread over the minute. */
async function abuse(): Promise<readonly Outcome[]> {
  const all = attacks.flatMap(([what, times, right, run]) => Array.from({ length: times }, (_, index) => ({ what, right, run, at: (index + 0.5) / times }))).toSorted((a, b) => a.at - b.at);
  return atPace(all.length, all.length / (ATTACK_MS / 1_000), async (index) => {
    const attack = all[index];
    if (!attack) throw new Error('atPace asked for more than there is.');
    const status = await attack.run();
    return { what: attack.what, status, isRight: attack.right.includes(status) };
  });
}

/** Announces the length and sends it, as far as the server lets. */
async function sendBytes(path: string, type: string, size: number): Promise<number | undefined> {
  return sendPieces(post(path, type, `Content-Length: ${size}`), Buffer.alloc(65_536, 0x20), Math.ceil(size / 65_536));
}

async function sendChunks(path: string, size: number, chunkSize: number): Promise<number | undefined> {
  const chunk = `${chunkSize.toString(16)}\r\n${' '.repeat(chunkSize)}\r\n`;
  const together = Math.max(1, Math.floor(65_536 / chunk.length));
  return sendPieces(post(path, JSON_TYPE, 'Transfer-Encoding: chunked'), Buffer.from(chunk.repeat(together)), Math.ceil(size / chunkSize / together));
}

async function sendPieces(head: string, piece: Buffer, count: number): Promise<number | undefined> {
  const client = openClient(server.url);
  const answered = client.answer();
  client.socket.write(head);
  for (let sent = 0; sent < count && !client.socket.destroyed; sent += 1) {
    if (!client.socket.write(piece)) await Promise.race([new Promise((resolve) => client.socket.once('drain', resolve)), client.closed]);
  }
  const status = await answered;
  client.socket.destroy();
  return status;
}
