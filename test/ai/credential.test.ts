import { cacheTokens, type Credential } from '../../ai/credential';

const hour = 3_600_000;

/** Gives token 1, 2, ... each valid for `lifetimeMs`, or whatever `answer` says for a fetch. */
function countingCredential(lifetimeMs: number, answer?: (fetch: number) => Promise<never> | undefined): Credential & { fetches: number } {
  const credential = {
    fetches: 0,
    getToken: (): ReturnType<Credential['getToken']> => {
      credential.fetches += 1;
      const token = { token: `token ${credential.fetches}`, expiresOnTimestamp: Date.now() + lifetimeMs };
      return answer?.(credential.fetches) ?? Promise.resolve(token);
    },
  };
  return credential;
}

test('many calls at once share one fetch, and later calls its token', async () => {
  const credential = countingCredential(hour);
  const provide = cacheTokens(credential);
  expect(await Promise.all([provide(), provide(), provide()])).toEqual(['token 1', 'token 1', 'token 1']);
  expect(await provide()).toBe('token 1');
  expect(credential.fetches).toBe(1);
});

test('a token that ends soon is still used while the next one is fetched', async () => {
  const credential = countingCredential(hour);
  const provide = cacheTokens(credential, { refreshAheadMs: 2 * hour });
  await provide();
  expect(await provide()).toBe('token 1');
  expect(await provide()).toBe('token 2');
});

test('a failing or hanging refresh is not felt while a token is valid', async () => {
  const credential = countingCredential(hour, (fetch) => (fetch === 1 ? undefined : Promise.reject(new Error('Entra is down'))));
  const provide = cacheTokens(credential, { refreshAheadMs: 2 * hour });
  for (let call = 0; call < 5; call += 1) expect(await provide()).toBe('token 1');
  expect(credential.fetches).toBe(2); // the failure is not repeated at once
});

test('without a token a call waits no longer than allowed', async () => {
  const provide = cacheTokens(countingCredential(hour, () => new Promise<never>(() => undefined)), { waitMs: 30 });
  await expect(provide()).rejects.toMatchObject({ code: 'unavailable' });
});

test('an identity that is refused is unauthorized, and the next call tries again', async () => {
  const credential = countingCredential(hour, (fetch) => (fetch === 1 ? Promise.reject(new Error('no identity')) : undefined));
  const provide = cacheTokens(credential);
  await expect(provide()).rejects.toMatchObject({ code: 'unauthorized' });
  expect(await provide()).toBe('token 2');
});
