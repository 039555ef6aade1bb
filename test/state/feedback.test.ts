import { answeredBy, newestAnswered, noteShownAnswer, writeAnswer } from '../../state/answers';
import type { Database } from '../../state/database';
import { countRatings, forgetKept, forgetKeptOf, readKept, writeRating, type KeptRating, type Rating } from '../../state/feedback';
import { messagesAround, writeMessages, type LoggedMessage } from '../../state/messages';
import { forgetUser } from '../helpers/forget';
import { onEveryStore } from '../helpers/stores';

onEveryStore('ratings', (store) => {
  let database: Database;
  beforeEach(async () => void (database = await store.open()));

  const rate = (more: Partial<Rating> = {}): Promise<void> => writeRating(database, { conversationKey: 'c', activityId: 'm1', userKey: 'ann', reaction: 'like', kept: '{"question":"?"}', ...more });
  const all = async (): Promise<readonly KeptRating[]> => {
    const rows = [];
    for await (const row of readKept(database)) rows.push(row);
    return rows;
  };

  test('of one person and answer are one, and the last counts', async () => {
    await rate();
    await rate({ reaction: 'dislike', kept: undefined });
    await rate({ userKey: 'ben' });
    expect(await countRatings(database)).toEqual({ like: 1, dislike: 1 });
    expect(await all()).toEqual([{ conversationKey: 'c', activityId: 'm1', userKey: 'ben', reaction: 'like', createdAt: expect.any(Number), kept: '{"question":"?"}' }]);
  });

  test('are read whole, though there are more than a page of them', async () => {
    await database.transaction(async (queries) => {
      for (let index = 0; index < 1_001; index += 1) await writeRating(queries, { conversationKey: `c${index % 7}`, activityId: `m${index}`, userKey: 'ann', reaction: 'like', kept: '{}' });
    });
    const ids = (await all()).map(({ activityId }) => activityId);
    expect([ids.length, new Set(ids).size]).toEqual([1_001, 1_001]);
  });

  test('lose what was kept when the person takes the consent back, or the question changes; and go with the person', async () => {
    await rate();
    await rate({ activityId: 'm2', userKey: 'ben' });
    await rate({ activityId: 'm3', userKey: 'ben' });
    await forgetKept(database, 'ann');
    await database.write('c', [forgetKeptOf('c', 'm2')]);
    expect((await all()).map(({ activityId }) => activityId)).toEqual(['m3']);
    expect(await countRatings(database)).toEqual({ like: 3, dislike: 0 });
    await forgetUser(database, 'ben');
    expect(await countRatings(database)).toEqual({ like: 1, dislike: 0 });
  });

  test('find their answer by the id that the channel gave it, in its conversation alone', async () => {
    await database.write('c', [writeAnswer({ conversationKey: 'c', userKey: 'ann', activityId: 'm1', facts: '{}' }), noteShownAnswer('c', 'm1', 'shown')]);
    expect(await Promise.all([answeredBy(database, 'c', 'shown'), answeredBy(database, 'other', 'shown'), answeredBy(database, 'c', 'm1'), newestAnswered(database, 'c'), newestAnswered(database, 'other')]))
      .toEqual(['m1', undefined, undefined, 'm1', undefined]);
  });

  test('know the question, what was answered to it, and who talks there', async () => {
    const said = (id: string, more: Partial<LoggedMessage>): LoggedMessage => ({ conversationKey: 'c', id, authorKey: 'ann', authorName: 'Ann', role: 'user', text: id, createdAt: 1, replyTo: undefined, ...more });
    const bot = { authorKey: 'bot', authorName: 'Parley', role: 'bot' } as const;
    await database.write('c', [writeMessages([
      said('m1', { text: 'Why?' }), said('m1:1', { ...bot, text: 'second', createdAt: 3, replyTo: 'm1' }), said('m1:0', { ...bot, text: 'first', createdAt: 2, replyTo: 'm1' }),
      said('m2', { authorKey: 'ben', authorName: 'Ben', replyTo: 'm1' }), said('m3', { authorName: '' }), said('m4', { conversationKey: 'd', authorName: 'Cleo' }),
    ])]);
    const { question, answers, names } = await messagesAround(database, 'c', 'm1', 10);
    expect({ question, answers, names: names.toSorted() }).toEqual({ question: { authorKey: 'ann', role: 'user', text: 'Why?' }, answers: ['first', 'second'], names: ['Ann', 'Ben'] });
    expect(await messagesAround(database, 'c', 'm9', 10)).toMatchObject({ question: undefined, answers: [] });
  });
});
