import { createServer, request, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { HttpError, readJson } from '../../bot/readBody';

const server = createServer((incoming, response) => {
  readJson(incoming, Number(incoming.headers['x-limit'] ?? 1_000)).then(
    (value) => response.end(JSON.stringify({ value })),
    (error: unknown) => {
      response.statusCode = error instanceof HttpError ? error.status : 500;
      response.end(error instanceof HttpError ? error.code : 'unknown');
    });
});
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const send = async (body: NonNullable<RequestInit['body']>, headers: Record<string, string> = {}) => {
  const { port } = server.address() as AddressInfo;
  const response = await fetch(`http://127.0.0.1:${port}`, { method: 'POST', body, headers, duplex: 'half' });
  return [response.status, await response.text()];
};

test('gives JSON, and undefined for an empty body', async () => {
  expect(await send('{"a":"ü"}')).toEqual([200, '{"value":{"a":"ü"}}']);
  expect(await send('')).toEqual([200, '{}']);
});

test.each([
  ['broken JSON', '{', {}, 400, 'bad-json'],
  ['text that is not UTF-8', Buffer.from([0x22, 0xff, 0x22]), {}, 400, 'bad-json'],
  ['too many bytes', 'x'.repeat(1_001), {}, 413, 'too-large'],
  ['far too many bytes', 'x'.repeat(7_000), {}, 413, 'too-large'],
  ['gzip', gzipSync('{}'), { 'content-encoding': 'gzip' }, 415, 'unsupported-encoding'],
  ['something that calls itself gzip', 'not gzip', { 'content-encoding': 'GZIP' }, 415, 'unsupported-encoding'],
])('%s is refused', async (_, body, headers, status, code) => {
  expect(await send(body, headers)).toEqual([status, code]);
});

test('nesting that could not be kept is refused', async () => {
  const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;
  const headers = { 'x-limit': '1000000' };
  expect(await send(nested(100_000), headers)).toEqual([400, 'bad-json']);
  expect(await send(nested(900), headers)).toEqual([200, `{"value":${nested(900)}}`]);
  expect((await send(JSON.stringify('['.repeat(100_000)), headers))[0]).toBe(200);
});

test('counts what comes in where no length was announced', async () => {
  const chunks = new ReadableStream({
    start(controller) {
      for (let index = 0; index < 5; index++) controller.enqueue(Buffer.alloc(400, 0x20));
      controller.close();
    },
  });
  expect(await send(chunks)).toEqual([413, 'too-large']);
});

test('an endless body is cut', async () => {
  const { port } = server.address() as AddressInfo;
  const endless = request({ port, host: '127.0.0.1', method: 'POST' });
  const answered = new Promise<IncomingMessage>((resolve) => endless.on('response', resolve));
  const broken = new Promise<void>((resolve) => void endless.on('error', () => resolve()).on('close', () => resolve()));
  endless.write('x'.repeat(2_000));
  expect((await answered).statusCode).toBe(413);
  endless.write('x'.repeat(50_000));
  await broken;
});
