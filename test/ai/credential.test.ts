import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createManagedIdentity, fetchWith, provideTokens, scopeOf, type Credential } from '../../ai/credential';
import { createTokenCache, TokenError, type AccessToken } from '../../ai/tokenCache';

const hour = 3_600_000;
const stopped = new AbortController();
const signal = stopped.signal;
afterAll(() => stopped.abort());

/** Gives token 1, 2, ... each valid for `lifetimeMs`, or whatever `answer` says for a fetch. */
function countingService(lifetimeMs: number, answer?: (fetch: number) => Promise<AccessToken> | undefined) {
  const service = {
    fetches: 0,
    fetch: async (): Promise<AccessToken> => {
      service.fetches += 1;
      return answer?.(service.fetches) ?? { token: `token ${service.fetches}`, expiresOnTimestamp: Date.now() + lifetimeMs };
    },
  };
  return service;
}

const never = new Promise<never>(() => undefined);
const down = (): Promise<never> => Promise.reject(new TokenError('unavailable', 'Entra is down'));
const quick = { valid: 20, without: 20, refused: 20 };

test('the first token is fetched before anybody asks, and many calls at once share it', async () => {
  const service = countingService(hour);
  const provide = provideTokens(service.fetch, { signal });
  expect(service.fetches).toBe(1);
  expect(await Promise.all([provide(), provide(), provide()])).toEqual(['token 1', 'token 1', 'token 1']);
  expect(await provide()).toBe('token 1');
  expect(service.fetches).toBe(1);
});

test('a token is renewed before its end without anybody asking', async () => {
  const service = countingService(100);
  const cache = createTokenCache(service.fetch, { signal });
  cache.start();
  while (service.fetches < 3) await new Promise(setImmediate);
  expect(await cache.get()).toMatch(/^token [23]$/);
});

test('a failing or hanging renewal is not felt while a token is valid', async () => {
  for (const fault of [down, () => never]) {
    const service = countingService(400, (fetch) => (fetch === 1 ? undefined : fault()));
    const cache = createTokenCache(service.fetch, { signal, pauseMs: quick });
    expect(await cache.get()).toBe('token 1');
    while (service.fetches < 2) await new Promise(setImmediate);
    const before = performance.now();
    expect(await cache.get()).toBe('token 1');
    expect(performance.now() - before).toBeLessThan(20);
  }
});

test('without a token a call waits no longer than allowed, and later ones not at all', async () => {
  const cache = createTokenCache(countingService(hour, () => never).fetch, { signal, waitMs: 30 });
  await expect(cache.get()).rejects.toMatchObject({ code: 'unavailable' });
  const before = performance.now();
  await expect(cache.get()).rejects.toMatchObject({ code: 'unavailable' });
  expect(performance.now() - before).toBeLessThan(20);
});

test('a call that is ended waits no more', async () => {
  const cache = createTokenCache(countingService(hour, () => never).fetch, { signal });
  await expect(cache.get(AbortSignal.timeout(20))).rejects.toMatchObject({ code: 'unavailable' });
});

test('a fetch that hangs is given up, and the next one serves', async () => {
  const service = countingService(hour, (fetch) => (fetch === 1 ? never : undefined));
  const cache = createTokenCache(service.fetch, { signal, fetchLimitMs: 30, pauseMs: quick });
  await expect(cache.get()).rejects.toMatchObject({ code: 'unavailable' });
  while (service.fetches < 2) await new Promise(setImmediate);
  expect(await cache.get()).toBe('token 2');
});

test('right after a failure nobody asks again, and once the service is back there is a token without a call', async () => {
  let isDown = true;
  const service = countingService(hour, () => (isDown ? down() : undefined));
  const cache = createTokenCache(service.fetch, { signal, pauseMs: quick });
  await expect(cache.get()).rejects.toMatchObject({ code: 'unavailable' });
  await expect(cache.get()).rejects.toMatchObject({ code: 'unavailable' });
  expect(service.fetches).toBe(1);
  isDown = false;
  while (service.fetches < 2) await new Promise(setImmediate);
  expect(await cache.get()).toBe('token 2');
});

test('a token that a service refuses is replaced when it is not brand-new, and kept when there is no other', async () => {
  const service = countingService(hour, (fetch) => (fetch < 3 ? undefined : down()));
  const cache = createTokenCache(service.fetch, { signal, pauseMs: quick });
  await cache.get();
  expect(await cache.another('token 1')).toBe('token 1');
  jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 120_000);
  expect(await cache.another('token 1')).toBe('token 2');
  expect(await cache.another('token 1')).toBe('token 2');
  jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 120_000);
  expect(await cache.another('token 2')).toBe('token 2');
  jest.restoreAllMocks();
});

describe('the codes of failures', () => {
  const failing = (error: Error) => fetchWith(async () => ({ getToken: () => Promise.reject(error) }) satisfies Credential, 'scope');
  const named = (name: string, message: string, more: object = {}): Error => Object.assign(new Error(message), { name, ...more });

  test.each<[string, Error, string]>([
    ['a wrong secret', named('AuthenticationError', 'invalid_client', { statusCode: 401 }), 'unauthorized'],
    ['nobody at the Azure CLI', named('CredentialUnavailableError', "Please run 'az login' from a command prompt."), 'unauthorized'],
    ['an identity service that is down', named('AuthenticationError', 'server error', { statusCode: 503 }), 'unavailable'],
    ['no network', named('CredentialUnavailableError', 'Network unreachable'), 'unavailable'],
  ])('%s', async (_what, error, code) => {
    await expect(provideTokens(failing(error), { signal })()).rejects.toMatchObject({ name: 'AIError', code });
  });
});

test('a managed identity is asked for through the SDK, once for each fetch', async () => {
  const asked: string[] = [];
  let isDown = true;
  const imds = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.statusCode = isDown ? 500 : 200;
    response.end(isDown ? '{}' : JSON.stringify({ access_token: 'from IMDS', expires_in: '3600', expires_on: String(Math.floor(Date.now() / 1000) + 3_600), resource: 'x', token_type: 'Bearer' }));
  });
  await new Promise<void>((resolve) => imds.listen(0, '127.0.0.1', resolve));
  process.env['AZURE_POD_IDENTITY_AUTHORITY_HOST'] = `http://127.0.0.1:${(imds.address() as AddressInfo).port}`;
  const fetchToken = fetchWith(() => createManagedIdentity('00000000-0000-0000-0000-000000000001'), 'https://api.botframework.com/.default');
  await expect(fetchToken(signal)).rejects.toMatchObject({ code: 'unavailable' });
  expect(asked).toHaveLength(1);
  isDown = false;
  expect(await fetchToken(signal)).toMatchObject({ token: 'from IMDS' });
  expect(asked[1]).toContain('resource=https%3A%2F%2Fapi.botframework.com');
  imds.closeAllConnections();
  await new Promise((resolve) => imds.close(resolve));
});

test.each([
  ['https://x.openai.azure.com', 'v1', 'https://ai.azure.com/.default'],
  ['https://x.services.ai.azure.com', 'preview', 'https://ai.azure.com/.default'],
  ['https://x.openai.azure.com', '2024-10-21', 'https://cognitiveservices.azure.com/.default'],
  ['https://x.openai.azure.us', 'v1', 'https://cognitiveservices.azure.us/.default'],
  ['https://x.openai.azure.cn', 'v1', 'https://cognitiveservices.azure.cn/.default'],
])('tokens for %s (%s) are asked for the audience %s', (endpoint, apiVersion, scope) => {
  expect(scopeOf({ endpoint, apiVersion })).toBe(scope);
});
