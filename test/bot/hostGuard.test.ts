import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createClientAddress } from '../../bot/clientAddress';
import { createAddressCounter, guardHost } from '../../bot/hostGuard';
import { startParley, type Parley } from '../helpers/parley';
import { openClient, post, sendRaw } from '../reliability/rawHttp';

const addressOf = (proxyHops: number, remoteAddress: string, forwarded?: string): string | undefined =>
  createClientAddress(proxyHops)({ socket: { remoteAddress }, headers: { ...(forwarded !== undefined && { 'x-forwarded-for': forwarded }) } } as never); // the part of a request that is looked at

test.each<[string, number, string, string | undefined, string | undefined]>([
  ['a socket', 0, '203.0.113.7', undefined, '203.0.113.7'],
  ['a header that nobody vouches for', 0, '203.0.113.7', '198.51.100.1', '203.0.113.7'],
  ['what our proxy saw, not what the client says', 1, '10.0.0.1', '1.2.3.4, 198.51.100.1', '198.51.100.1'],
  ['two proxies', 2, '10.0.0.1', '198.51.100.1, 10.0.0.2', '198.51.100.1'],
  ['a port', 1, '10.0.0.1', '198.51.100.1:50123', '198.51.100.1'],
  ['IPv6 with a port: its network', 1, '10.0.0.1', '[2001:db8:1:2:3::4]:50123', '2001:db8:1:2'],
  ['a short IPv6', 0, '2001:db8::1', undefined, '2001:db8:0:0'],
  ['IPv4 in IPv6', 0, '::ffff:203.0.113.7', undefined, '203.0.113.7'],
  ['this machine', 0, '127.0.0.1', undefined, undefined],
  ['this machine by IPv6', 0, '::1', undefined, undefined],
  ['nonsense', 1, '203.0.113.7', 'unknown', '203.0.113.7'],
  ['fewer hops than there should be', 3, '203.0.113.7', '198.51.100.1', '203.0.113.7'],
])('the address of a client: %s', (_what, hops, socket, forwarded, expected) => {
  expect(addressOf(hops, socket, forwarded)).toBe(expected);
});

test('an address may hold so much, and again when it has let go', () => {
  const counter = createAddressCounter(2);
  const leave = counter.enter('a');
  expect(counter.enter('a')).toBeDefined();
  expect([counter.enter('a'), counter.enter('b') === undefined]).toEqual([undefined, false]);
  leave?.();
  expect(counter.enter('a')).toBeDefined();
  for (let count = 0; count < 10; count += 1) expect(counter.enter(undefined)).toBeDefined();
});

describe('a guarded server', () => {
  let server: Server;
  let url: string;
  beforeAll(async () => {
    server = createServer((request, response) => {
      if (request.url !== '/slow') response.end('hi');
    });
    guardHost(server, { maxConnections: 3, maxConnectionsPerAddress: 10, isBehindProxy: false, isSecure: true });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  test('sends security headers with every answer', async () => {
    const { headers } = await fetch(url);
    expect(Object.fromEntries(headers)).toMatchObject({
      'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer', 'content-security-policy': "default-src 'none'; frame-ancestors 'none'", 'strict-transport-security': 'max-age=31536000',
    });
  });

  test('cuts a client that asks for far more than it waits for', async () => {
    const client = openClient(url);
    client.socket.write('GET /slow HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(40));
    expect((await client.closed).statuses).toEqual([]);
  });

  test('answers 431 to headers without end, and takes no more connections than it may', async () => {
    expect(await sendRaw(url, 'GET / HTTP/1.1\r\n', 'X-Flood: 1234567890\r\n'.repeat(5_000))).toBe(431);
    server.closeAllConnections();
    const clients = Array.from({ length: 5 }, () => openClient(url));
    await Promise.race(clients.map(({ closed }) => closed));
    expect(clients.filter(({ socket }) => !socket.destroyed).length).toBeLessThanOrEqual(4);
    for (const { socket } of clients) socket.destroy();
  });
});

describe('the host', () => {
  let parley: Parley;
  beforeAll(async () => void (parley = await startParley({ env: { TRUSTED_PROXY_HOPS: '1', ADDRESS_MESSAGES_PER_MINUTE: '6', MAX_CONNECTIONS_PER_ADDRESS: '1' } })));
  afterAll(() => parley.close());

  test('gives one address so many tokens, and another its own', async () => {
    const ask = async (address: string): Promise<number> => (await fetch(`${parley.url}/api/webchat/token`, { method: 'POST', headers: { 'x-forwarded-for': address } })).status;
    expect([await ask('203.0.113.1'), await ask('203.0.113.1'), await ask('203.0.113.1'), await ask('203.0.113.2')]).toEqual([200, 200, 429, 200]);
  });

  test('asks for the body of whoever wants to be asked', async () => {
    const body = JSON.stringify({});
    const client = openClient(parley.url);
    client.socket.write(post('/api/webchat/token', 'Content-Type: application/json', 'Expect: 100-continue', `Content-Length: ${body.length}`));
    await new Promise((resolve) => client.socket.once('data', resolve)); // 100
    client.socket.write(body);
    expect(await client.answer()).toBe(200);
    client.socket.destroy();
  });

  test.each([
    ['a form', 'application/x-www-form-urlencoded', 415],
    ['a file', 'multipart/form-data; boundary=x', 415],
    ['CSV', 'text/csv', 415],
    ['JSON', 'application/json; charset=utf-8', 400],
    ['nothing said', '', 400],
  ])('takes JSON and nothing else: %s', async (_what, type, status) => {
    expect(await sendRaw(parley.url, post('/api/messages', ...(type ? [`Content-Type: ${type}`] : []), 'Content-Length: 2'), '{}')).toBe(status);
  });
});
