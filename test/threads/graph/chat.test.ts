import { SourceError } from '../../../threads/error';
import { readChat, type ChatRequest } from '../../../threads/graph/chat';
import { botMessage, deletedMessage, graphMessage, people, quotingMessage, systemMessage, type GraphMessage } from '../../helpers/graphMessages';
import { APP, context, patience, startReading, TENANT, type Reading } from './reading';

let reading: Reading;
beforeEach(async () => {
  reading = await startReading();
});
afterEach(() => reading.close());

const minute = (index: number): string => new Date(Date.UTC(2026, 9, 5, 9, index)).toISOString();
const chatId = '19:chat@thread.v2';
const request: ChatRequest = { tenantId: TENANT, chatId, context, limit: 5_000 };
const read = (more: Partial<ChatRequest> = {}) => readChat(reading.graph, { ...request, ...more }, patience());
const texts = ({ messages }: { messages: readonly { text: string }[] }): string[] => messages.map(({ text }) => text);

test('a chat of 1,200 messages is read whole and in order, at the pace that Graph asks for', async () => {
  const sent = Array.from({ length: 1_200 }, (_, index): GraphMessage => {
    if (index % 100 === 7) return deletedMessage(minute(index));
    if (index % 100 === 8) return systemMessage(minute(index));
    if (index % 100 === 9) return botMessage(minute(index), APP, '<p>A summary</p>');
    return graphMessage({ at: minute(index), from: index % 2 ? people.ben : people.ada, html: `<p>Message ${index}</p>` });
  });
  reading.service.addChat({ id: chatId, messages: sent });
  const progress: number[] = [];
  const found = await read({ onProgress: (count) => progress.push(count) });

  expect(found.messages).toHaveLength(1_164);
  expect(texts(found)).toEqual(sent.map((_, index) => index).filter((index) => ![7, 8, 9].includes(index % 100)).map((index) => `Message ${index}`));
  expect(new Map(found.omitted.map(({ reason, count }) => [reason, count]))).toEqual(new Map([['deleted', 12], ['system', 12], ['own', 12]]));
  expect(found.messages.length + found.omitted.reduce((sum, { count }) => sum + count, 0)).toBe(1_200);
  expect(found.hasEarlier).toBe(false);
  expect(found.problem).toBeUndefined();
  expect(found.participants.map(({ name }) => name)).toEqual(['Ada Lovelace', 'Ben Okafor']);
  expect(reading.service.requests).toHaveLength(24);
  expect(reading.service.refusedForPace()).toBe(0);
  expect(reading.clock.waits.every((wait) => wait <= 1_000)).toBe(true);
  expect(progress.at(-1)).toBe(1_164);
  expect(progress).toHaveLength(24);
});

test('every page is asked for as Graph documents it, and the next link is followed as it stands', async () => {
  reading.service.addChat({ id: chatId, messages: Array.from({ length: 60 }, (_, index) => graphMessage({ at: minute(index), text: `m${index}` })) });
  await read({ until: minute(58) });
  const [first, second] = reading.service.requests;
  expect(Object.fromEntries(first?.query ?? [])).toEqual({ $top: '50', $orderby: 'createdDateTime desc', $filter: `createdDateTime lt ${minute(58)}` });
  expect([...(second?.query.keys() ?? [])]).toEqual(['$skiptoken']);
  expect(first?.headers).toMatchObject({ authorization: 'Bearer token', prefer: 'include-unknown-enum-members' });
});

test('a time range ends the reading early, and holds what was said within it alone', async () => {
  reading.service.addChat({ id: chatId, messages: Array.from({ length: 500 }, (_, index) => graphMessage({ at: minute(index), text: `m${index}` })) });
  const found = await read({ since: minute(400), until: minute(470) });
  expect(texts(found)).toEqual(Array.from({ length: 70 }, (_, index) => `m${400 + index}`));
  expect(found.hasEarlier).toBe(false);
  expect(reading.service.requests).toHaveLength(2);
});

test('the limit keeps the newest, and tells that there is more before', async () => {
  reading.service.addChat({ id: chatId, messages: Array.from({ length: 200 }, (_, index) => graphMessage({ at: minute(index), text: `m${index}` })) });
  const found = await read({ limit: 30 });
  expect(texts(found)).toEqual(Array.from({ length: 30 }, (_, index) => `m${170 + index}`));
  expect(found.hasEarlier).toBe(true);
});

test('messages of people, bots, files, forwards, quotes and pictures read as people see them', async () => {
  const question = graphMessage({ at: minute(1), from: people.ben, html: '<p>Shall we ship on <b>Friday</b>?</p>' });
  reading.service.addChat({
    id: chatId,
    messages: [
      question,
      quotingMessage(minute(2), people.ada, question, 'Yes, Friday.'),
      { ...graphMessage({ at: minute(3), html: `<p><at id="0">Parley</at> summarize, <at id="1">Ben Okafor</at> asks</p>` }), mentions: [{ id: 0, mentionText: 'Parley', mentioned: { application: { id: APP, displayName: 'Parley' } } }, { id: 1, mentionText: 'Ben Okafor', mentioned: { user: { id: people.ben.id } } }] },
      { ...graphMessage({ at: minute(4), html: '<p>The plan</p><attachment id="f1"></attachment>' }), attachments: [{ id: 'f1', contentType: 'reference', name: 'plan.docx', contentUrl: 'https://contoso.example/plan.docx' }] },
      { ...graphMessage({ at: minute(5), html: '<attachment id="fw"></attachment>' }), attachments: [{ id: 'fw', contentType: 'forwardedMessageReference', content: JSON.stringify({ originalMessageId: '1', originalMessageContent: '<p>Budget is 5,000.</p>' }) }] },
      graphMessage({ at: minute(6), html: '<p><img alt="image" src="https://graph.microsoft.com/v1.0/chats/x/hostedContents/1/$value"></p>' }),
      botMessage(minute(7), '88888888-8888-4888-8888-888888888888', '<p>Build failed</p>', 'Builder'),
      { ...graphMessage({ at: minute(8), html: '<p>We ship on Monday.</p>' }), lastEditedDateTime: minute(20) },
    ],
  });
  const found = await read();
  expect(texts(found)).toEqual(['Shall we ship on Friday?', 'Yes, Friday.', 'summarize, @Ben Okafor asks', 'The plan\n[plan.docx]', '> Budget is 5,000.', 'Build failed', 'We ship on Monday.']);
  expect(JSON.stringify(found)).not.toContain('WORDS OF SOMEBODY ELSE');
  expect(found.messages[1]?.replyTo).toBe(question.id);
  expect(found.messages[5]?.author).toEqual({ id: 'app:88888888-8888-4888-8888-888888888888', name: 'Builder' });
  expect(found.messages[6]?.editedAt).toBe(minute(20));
  expect(found.messages[0]).toMatchObject({ author: { id: `user:${people.ben.id}`, name: 'Ben Okafor' }, createdAt: minute(1), url: `https://teams.microsoft.com/l/message/chat/${question.id}` });
  expect(found.omitted).toEqual([{ reason: 'empty', count: 1 }]);
});

test('a quoted message that was deleted is not brought back by its quotation', async () => {
  const gone = deletedMessage(minute(1));
  reading.service.addChat({ id: chatId, messages: [gone, quotingMessage(minute(2), people.ada, gone, 'Agreed.')] });
  const found = await read();
  expect(found.messages).toHaveLength(1);
  expect(found.messages[0]).not.toHaveProperty('replyTo');
  expect(JSON.stringify(found)).not.toContain('WORDS OF SOMEBODY ELSE');
});

test('what comes in a shape that nobody knows is counted', async () => {
  reading.service.addChat({ id: chatId, messages: [graphMessage({ at: minute(1), text: 'Hello' }), { ...graphMessage({ at: minute(2), text: 'x' }), id: 5 as never }] });
  const found = await read();
  expect(texts(found)).toEqual(['Hello']);
  expect(found.omitted).toEqual([{ reason: 'unreadable', count: 1 }]);
});

test('no sign that hides from people comes in, written as itself or as an entity', async () => {
  reading.service.addChat({ id: chatId, messages: [graphMessage({ at: minute(1), html: '<p>Hi\u{E0041}&#xE0042;&#0; there</p>' })] });
  expect(texts(await read())).toEqual(['Hi\uFFFD there']);
});

test('accounts that are gone keep their messages apart', async () => {
  reading.service.addChat({ id: chatId, messages: [{ ...graphMessage({ at: minute(1), text: 'Bye' }), from: { application: null, device: null, user: { id: people.cleo.id, displayName: null } } }] });
  const { messages } = await read();
  expect(messages[0]?.author).toEqual({ id: `user:${people.cleo.id}`, name: 'Unknown' });
});

test('what was read before Graph went away is given, with the reason', async () => {
  reading.service.addChat({ id: chatId, messages: Array.from({ length: 200 }, (_, index) => graphMessage({ at: minute(index), text: `m${index}` })) });
  const fault = { status: 503, body: { error: { code: 'ServiceUnavailable', message: 'x' } } };
  reading.service.failNext([fault, fault, fault, fault], ({ query }) => query.has('$skiptoken'));
  const found = await read();
  expect(texts(found)).toEqual(Array.from({ length: 50 }, (_, index) => `m${150 + index}`));
  expect(found.hasEarlier).toBe(true);
  expect(found.problem).toMatchObject({ code: 'unavailable' });
});

test('where Graph gives nothing, the reason is thrown', async () => {
  reading.service.addChat({ id: chatId, messages: [graphMessage({ at: minute(1), text: 'x' })], consents: [] });
  await expect(read()).rejects.toMatchObject({ code: 'consent-missing', details: { permission: 'ChatMessage.Read.Chat', status: 403 } });
  await expect(read({ chatId: '19:other@thread.v2' })).rejects.toBeInstanceOf(SourceError);
});
