import type { Database } from '../../state/database';
import { quarantine, quarantinedOf } from '../../state/quarantine';
import { sharedSecret } from '../../state/secrets';
import { forgetConversation } from '../helpers/forget';
import { onEveryStore } from '../helpers/stores';

onEveryStore('what is set aside', (store) => {
  let database: Database;
  beforeAll(async () => {
    database = await store.open();
  });

  const setAside = (key: string, document: string) => database.transaction((queries) => quarantine(queries, key, { reason: 'corrupt', document }));

  test('is the newest five documents of each conversation', async () => {
    await setAside('other', 'its own');
    for (const document of ['1', '2', '3', '4', '5', '6', '7']) await setAside('one', document);
    expect((await quarantinedOf(database, 'one')).map(({ document }) => document)).toEqual(['3', '4', '5', '6', '7']);
    expect(await quarantinedOf(database, 'other')).toEqual([{ reason: 'corrupt', document: 'its own' }]);
  });

  test('goes with the conversation when that is forgotten', async () => {
    await setAside('forgotten', 'x');
    await forgetConversation(database, 'forgotten');
    expect(await quarantinedOf(database, 'forgotten')).toEqual([]);
  });
});

onEveryStore('a secret of the store', (store) => {
  test('is the same for everybody who asks, at once or later, and another under another name', async () => {
    const url = await store.url();
    const [one, other] = [await store.open(url), await store.open(url)];
    const asked = await Promise.all([sharedSecret(one, 'log'), sharedSecret(other, 'log'), sharedSecret(one, 'log')]);
    const secrets = [...asked, await sharedSecret(other, 'log')].map((secret) => Buffer.from(secret).toString('hex'));
    expect(new Set(secrets).size).toBe(1);
    expect(asked[0]).toHaveLength(32);
    expect(Buffer.from(await sharedSecret(one, 'other')).toString('hex')).not.toBe(secrets[0]);
  });
});
