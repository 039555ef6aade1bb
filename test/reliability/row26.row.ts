import { en } from '../../cards/words/en';
import { mentionShapes } from '../bot/mentionShapes';
import { startParley, wordsOf, type Parley } from '../helpers/parley';
import { startPostgres } from '../helpers/postgres';
import { temporaryFolder } from '../helpers/temporaryFolder';
import type { ShownActivity } from '../helpers/channelConversation';
import { closeAfterwards } from './closing';
import { inParallel } from './load';
import { helpSpellings, kept, naughtyStrings, trimmed } from './naughtyStrings';
import { score } from './scorecard';
import { lookInto } from './store';

const CHATS = 24;
const UPLOADS = 4;

const closing = closeAfterwards();
const stores = {
  SQLite: async (): Promise<string> => {
    const folder = temporaryFolder();
    closing({ close: async () => folder.remove() });
    return `${folder.path}/row26.db`;
  },
  PostgreSQL: async (): Promise<string> => closing(await startPostgres()).databaseUrl(),
};

describe.each(['SQLite', 'PostgreSQL'] as const)('on %s', (name) => {
  let parley: Parley;
  let databaseUrl: string;
  beforeAll(async () => {
    databaseUrl = await stores[name]();
    parley = closing(await startParley({ databaseFile: databaseUrl }));
  });

  test('row 26: messages and names come back as they were sent, or changed as is written down', async () => {
    const startedAt = performance.now();
    const chats = await Promise.all(Array.from({ length: CHATS }, () => parley.webChat()));
    await inParallel(CHATS, CHATS, async (chat) => {
      for (let index = chat; index < naughtyStrings.length; index += CHATS) {
        const answer = await chats[chat]?.post({ text: naughtyStrings[index], from: { id: 'x', name: naughtyStrings[index] }, channelData: { number: index } });
        expect([index, answer?.status]).toEqual([index, 200]);
      }
    });
    await parley.settled();
    const seen = (await Promise.all(chats.map((chat) => chat.history()))).flat();
    const shown = new Map(seen.filter(isFromPerson).map((activity) => [numberOf(activity), String(activity.text)]));
    expect(naughtyStrings.flatMap((text, index) => (shown.get(index) === kept(text) ? [] : [{ index, text, shown: shown.get(index) }]))).toEqual([]);

    const logged = await lookInto<{ text: string; name: string }>(databaseUrl, `SELECT text, author_name AS name FROM messages WHERE role = 'user'`);
    const texts = new Set(logged.map(({ text }) => text));
    expect(naughtyStrings.map((text) => trimmed(kept(text))).filter((text) => text !== '' && !texts.has(text))).toEqual([]);
    expect(Math.max(...logged.map((message) => message.name.length))).toBeLessThanOrEqual(256);
    expect(logged.filter((message) => /\p{Cc}/u.test(message.name))).toEqual([]);

    expect(wordsOf(seen.filter((activity) => !isFromPerson(activity)))).not.toContain(en.host.unexpected);
    for (const chat of chats) await chat.close();
    score(26, { load: `${naughtyStrings.length} strings as messages and names, ${name}`, figure: `${shown.size} round trips in ${seconds(startedAt)}` });
  });

  test('row 26: files and their names come back as they were sent, or changed as is written down', async () => {
    const startedAt = performance.now();
    const chat = await parley.webChat();
    const messages = naughtyStrings.map((text, index) => ({ id: `m${index}`, author: { id: `a${index}`, name: text }, text }));
    await chat.upload([{ name: 'strings.json', type: 'application/json', content: JSON.stringify({ title: 'Naughty strings', kind: 'chat', messages }) }]);
    const [row] = await lookInto<{ document: string }>(databaseUrl, `SELECT document FROM threads WHERE document LIKE '%Naughty strings%'`);
    const thread = JSON.parse(row?.document ?? '{}') as { id: string; messages: { text: string; author: { name: string } }[] };
    expect(thread.messages.map(({ text, author }) => [text, author.name])).toEqual(naughtyStrings.map((text) => [kept(text), kept(text)]));
    expect((await fetch(`${parley.url}/threads/${thread.id}`)).status).toBe(200);

    const names = naughtyStrings.filter((text) => !/[\r\n\0/\\]/.test(text) && text.length < 100).slice(-UPLOADS * 12);
    await chat.close();
    const chats = await Promise.all(Array.from({ length: UPLOADS }, () => parley.webChat()));
    const answers = await inParallel(UPLOADS, UPLOADS, async (index) => {
      const files = names.filter((_, position) => position % UPLOADS === index).map((each) => ({ name: `${each}.txt`, type: 'text/plain', content: 'One line. Another line.' }));
      return chats[index]?.upload(files) ?? [];
    });
    expect(answers.flat().filter((reply) => wordsOf([reply]).includes(en.host.unexpected))).toEqual([]);
    const titles = await lookInto<{ document: string }>(databaseUrl, `SELECT document FROM threads WHERE document LIKE '%One line.%'`);
    expect(titles).toHaveLength(names.length);
    for (const one of chats) await one.close();
    score(26, { load: `${naughtyStrings.length} strings in a file, ${names.length} as file names, ${name}`, figure: `${thread.messages.length} round trips in ${seconds(startedAt)}` });
  });

  test('row 26: commands and mentions are recognised in every shape', async () => {
    const chat = await parley.webChat();
    const missed: string[] = [];
    for (const text of helpSpellings) if (!isHelp(await chat.say(text))) missed.push(JSON.stringify(text));
    expect(missed).toEqual([]);
    await chat.close();

    const group = parley.teamsChat({ type: 'groupChat' });
    const understood: string[] = [];
    for (const { what, text, entities, expected } of mentionShapes) {
      const sent = group.activity('message', { text, entities });
      const shown = await group.exchange(sent);
      const [logged] = await lookInto<{ text: string }>(databaseUrl, `SELECT text FROM messages WHERE id = '${sent.id}'`);
      const isRead = (logged?.text ?? '') === expected;
      if (isRead && shown.length > 0 && (expected !== 'help' || isHelp(shown))) understood.push(what);
    }
    expect(mentionShapes.map(({ what }) => what).filter((what) => !understood.includes(what))).toEqual([]);
    score(26, { load: `${helpSpellings.length} spellings of a command, ${mentionShapes.length} mentions, ${name}`, figure: `${helpSpellings.length} commands, ${understood.length}/${mentionShapes.length} mentions` });
  });
});

const isFromPerson = ({ from }: ShownActivity): boolean => (from as { role?: string } | undefined)?.role === 'user';
const numberOf = ({ channelData }: ShownActivity): number => (channelData as { number: number }).number;
const isHelp = (shown: readonly ShownActivity[]): boolean => wordsOf(shown).includes(en.help.title);
const seconds = (startedAt: number): string => `${((performance.now() - startedAt) / 1_000).toFixed(1)} s`;
