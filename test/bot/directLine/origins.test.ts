import { SECRET, startDirectLine } from '../../helpers/directLine';

const bearer = SECRET;
const page = 'http://localhost:8080';

async function withService(options: Parameters<typeof startDirectLine>[0], use: (service: Awaited<ReturnType<typeof startDirectLine>>) => Promise<void>) {
  const service = await startDirectLine(options);
  try {
    await use(service);
  } finally {
    await service.stop();
  }
}

test('a preflight of a served origin is answered with what it asks for', () => withService({ allowedOrigins: ['https://shop.example'] }, async (service) => {
  const { status, headers } = await service.call('OPTIONS', '/conversations/x/activities', {
    headers: { origin: 'https://shop.example', 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization,content-type,x-ms-bot-agent' },
  });
  expect(status).toBe(200);
  expect(headers.get('access-control-allow-origin')).toBe('https://shop.example');
  expect(headers.get('access-control-allow-headers')).toBe('authorization,content-type,x-ms-bot-agent');
  expect(headers.get('access-control-allow-methods')).toContain('POST');
  expect(headers.get('vary')).toBe('Origin');
}));

test('errors can be read by a served origin', () => withService({ allowedOrigins: ['https://shop.example'] }, async (service) => {
  const { status, headers } = await service.call('POST', '/conversations', { bearer: 'wrong', headers: { origin: 'https://shop.example' } });
  expect([status, headers.get('access-control-allow-origin')]).toEqual([403, 'https://shop.example']);
}));

test.each([['https://evil.example'], ['null'], [page], ['https://shop.example.evil.example']])('the origin %s is refused when others are named', (origin) =>
  withService({ allowedOrigins: ['https://shop.example'] }, async (service) => {
    for (const method of ['OPTIONS', 'POST']) {
      const { status, headers, json } = await service.call(method, '/conversations', { bearer, headers: { origin } });
      expect([status, json.error.code, headers.get('access-control-allow-origin')]).toEqual([403, 'BadArgument', null]);
    }
    expect(service.delivered).toEqual([]);
  }));

test('our own origin is always served', () => withService({ allowedOrigins: ['https://shop.example'] }, async (service) => {
  expect((await service.call('POST', '/conversations', { bearer, headers: { origin: service.url } })).status).toBe(201);
}));

test('without named origins pages of this machine are served while the service is local', async () => {
  await withService({}, async (service) => {
    expect((await service.call('POST', '/conversations', { bearer, headers: { origin: page } })).status).toBe(201);
    expect((await service.call('POST', '/conversations', { bearer, headers: { origin: 'https://evil.example' } })).status).toBe(403);
  });
  await withService({ publicUrl: () => 'https://bot.example' }, async (service) => {
    expect((await service.call('POST', '/conversations', { bearer, headers: { origin: page } })).status).toBe(403);
  });
});

test('addresses follow the host and protocol that the client used', () => withService({ allowedOrigins: ['*'] }, async (service) => {
  const { json } = await service.call('POST', '/conversations', { bearer, headers: { 'x-forwarded-proto': 'https' } });
  expect(json.streamUrl).toMatch(/^(wss?):\/\/127\.0\.0\.1:\d+\/v3\/directline\//);
}));
