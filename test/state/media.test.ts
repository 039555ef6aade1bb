import { randomBytes } from 'node:crypto';
import type { Database } from '../../state/database';
import { insertMedia, purgeMedia, readMedia, type StoredMedia } from '../../state/media';
import { forgetConversation, forgetUser } from '../helpers/forget';
import { onEveryStore } from '../helpers/stores';

onEveryStore('pictures and recordings', (store) => {
  let database: Database;
  beforeAll(async () => void (database = await store.open()));

  const kept = async (more: Partial<StoredMedia> = {}): Promise<StoredMedia> => {
    const media = { conversationKey: 'c', id: randomBytes(24).toString('base64url'), ownerKey: 'ann', contentType: 'image/png', bytes: randomBytes(3_000), expiresAt: 2_000, ...more };
    await insertMedia(database, media);
    return media;
  };

  test('come back as they were, byte for byte, to whoever knows the id', async () => {
    const { id, bytes } = await kept({ bytes: Buffer.from([0, 255, 0, 13, 10, 92, 39]) });
    const read = await readMedia(database, id, 1_000);
    expect(read).toMatchObject({ contentType: 'image/png', expiresAt: 2_000 });
    expect(Buffer.from(read?.bytes ?? [])).toEqual(Buffer.from(bytes));
  });

  test('are kept once, though a turn may write them twice', async () => {
    const media = await kept();
    await insertMedia(database, { ...media, bytes: randomBytes(10) });
    expect((await readMedia(database, media.id, 1_000))?.bytes).toHaveLength(3_000);
  });

  test('are gone from the moment they expire, purged or not', async () => {
    const { id } = await kept();
    expect(await readMedia(database, id, 1_999)).toBeDefined();
    expect(await readMedia(database, id, 2_000)).toBeUndefined();
  });

  test('are purged when they have expired, and not before', async () => {
    const [old, young] = [await kept({ expiresAt: 10 }), await kept({ expiresAt: 5_000 })];
    expect(await purgeMedia(database, 20)).toBe(1);
    expect(await readMedia(database, old.id, 0)).toBeUndefined();
    expect(await readMedia(database, young.id, 0)).toBeDefined();
  });

  test('go with the person who asked for them, and with their conversation; others stay', async () => {
    const [own, inGroup, others] = [await kept({ conversationKey: 'a' }), await kept({ conversationKey: 'group' }), await kept({ conversationKey: 'group', ownerKey: 'bob' })];
    await forgetUser(database, 'ann');
    expect([await readMedia(database, own.id, 0), await readMedia(database, inGroup.id, 0)]).toEqual([undefined, undefined]);
    expect(await readMedia(database, others.id, 0)).toBeDefined();
    await forgetConversation(database, 'group');
    expect(await readMedia(database, others.id, 0)).toBeUndefined();
  });
});
