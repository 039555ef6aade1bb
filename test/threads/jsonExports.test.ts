import { parseThread } from '../../threads/parse';
import { deletedMessage, graphMessage, people, systemMessage } from '../helpers/graphMessages';

const parse = (name: string, content: unknown) => parseThread({ name, contentType: '', bytes: Buffer.from(typeof content === 'string' ? content : JSON.stringify(content)) });

test('a day of a Slack export is a chat, with its names, links and times', async () => {
  const thread = await parse('2026-10-05.json', [
    { type: 'message', subtype: 'channel_join', ts: '1759654700.000100', user: 'U1', text: '<@U1> has joined the channel' },
    { type: 'message', ts: '1759654860.000200', user: 'U2', user_profile: { real_name: 'Ben Okafor' }, text: 'The plan: <https://example.com/p?a=1&amp;b=2|here>, <@U1|ada> &lt;3' },
    { type: 'message', ts: '1759654800.000100', user: 'U1', user_profile: { real_name: 'Ada Lovelace' }, text: 'We ship on Friday.' },
    { type: 'message', subtype: 'bot_message', ts: '1759654900.000100', username: 'Builder', text: 'Build failed' },
  ]);
  expect(thread.kind).toBe('chat');
  expect(thread.messages.map(({ author, text }) => `${author.name}: ${text}`)).toEqual(['Ada Lovelace: We ship on Friday.', 'Ben Okafor: The plan: here (https://example.com/p?a=1&b=2), @ada <3', 'Builder: Build failed']);
  expect(thread.messages[0]?.createdAt).toBe('2025-10-05T09:00:00.000Z');
  expect(thread.omitted).toEqual([{ reason: 'system', count: 1 }]);
});

test.each([['a list', (items: unknown) => items], ['an answer of Graph', (value: unknown) => ({ '@odata.context': 'x', value })]])('messages of Teams in %s are a chat, oldest first', async (_form, wrap) => {
  const thread = await parse('teams.json', wrap([
    graphMessage({ at: '2026-10-05T09:02:00Z', from: people.ben, html: '<p>I write the <b>notes</b>.</p>' }),
    deletedMessage('2026-10-05T09:01:30Z'),
    systemMessage('2026-10-05T09:01:00Z'),
    graphMessage({ at: '2026-10-05T09:00:00Z', text: 'We ship on Friday.' }),
  ]));
  expect(thread.messages.map(({ author, text }) => `${author.name}: ${text}`)).toEqual(['Ada Lovelace: We ship on Friday.', 'Ben Okafor: I write the notes.']);
  expect(thread.omitted).toEqual([{ reason: 'deleted', count: 1 }, { reason: 'system', count: 1 }]);
});

test('other JSON is told what is wrong with it, as before', async () => {
  await expect(parse('x.json', [{ some: 'thing' }])).rejects.toMatchObject({ code: 'unreadable' });
  await expect(parse('x.json', [])).rejects.toMatchObject({ code: 'unreadable' });
});

test('a saved page is read as its text, a chat in it as a chat', async () => {
  const page = await parse('chat.html', '<html><head><title>x</title><script>alert(1)</script></head><body><div>Ada (09:00): We ship on Friday.</div><div>Ben (09:02): I write the notes.</div></body></html>');
  expect(page.messages.map(({ author, text }) => `${author.name}: ${text}`)).toEqual(['Ada: We ship on Friday.', 'Ben: I write the notes.']);
  await expect(parse('empty.htm', '<html><script>x</script></html>')).rejects.toMatchObject({ code: 'empty' });
  await expect(parse('zip.html', 'PK\u0003\u0004')).rejects.toMatchObject({ code: 'mismatch' });
});
