import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { wordsFor } from '../../cards/words';
import { runCommandLine } from '../../cli/run';
import { openDatabase } from '../../state/openDatabase';
import { parseThread } from '../../threads/parse';
import { likeAModel } from '../helpers/fakeModelBehavior';
import { say, sayJson } from '../helpers/fakeModelScript';
import { startFakeModelServer, type ModelCall } from '../helpers/fakeModelServer';
import { startParley, type Parley } from '../helpers/parley';
import { onEveryStore } from '../helpers/stores';
import type { Person, TeamsChat } from '../helpers/teamsChat';
import type { WebChat } from '../helpers/webChat';
import { inParallel } from './load';
import { score } from './scorecard';

const USERS = 100;
const GROUPS = 5;
const AT_ONCE = 6;

type Kind = 'teams' | 'group' | 'web';

/** Somebody whose every word holds the canary; what is said while they are deleted holds one more. */
interface User {
  readonly kind: Kind;
  readonly number: number;
  readonly canary: string;
  readonly flight: string;
  readonly person: Person;
  /** They ask for it in the chat; else somebody does at the command line, while a turn of theirs runs. */
  readonly asksInChat: boolean;
}

const marked = (name: string): string => `${name}${randomBytes(6).toString('hex')}Z`;

function createUser(number: number): User {
  const kind: Kind = number % 4 === 0 ? 'web' : number % 4 === 1 ? 'group' : 'teams';
  const id = randomBytes(6).toString('hex');
  return {
    kind, number, canary: marked('Canary'), flight: marked('Flight'), asksInChat: kind !== 'group' && number % 3 === 0,
    person: { id: `29:${id}`, name: marked('Name'), aadObjectId: `${randomBytes(4).toString('hex')}-0000-0000-0000-${id}` },
  };
}

interface Seat {
  readonly user: User;
  readonly web: WebChat | undefined;
  readonly personal: TeamsChat | undefined;
  readonly group: TeamsChat | undefined;
  /** As the command line is told it. */
  readonly userId: string;
}

const captions = (canary: string): string => `WEBVTT\n\n00:01.000 --> 00:04.000\n<v Ann>We decided to ship ${canary} on Monday, all of us.\n\n00:05.000 --> 00:09.000\n<v Ben>I will tell everybody about ${canary} tomorrow.\n`;

const from = ({ user }: Seat): Person => user.person;

async function speak(seat: Seat, text: string): Promise<void> {
  if (seat.web) await seat.web.post({ text });
  else if (seat.group) await seat.group.deliver(seat.group.activity('message', { text: `<at>Parley</at> ${text}`, entities: [seat.group.mention] }, from(seat)));
  else await seat.personal?.deliver(seat.personal.activity('message', { text }, from(seat)));
}

async function giveFile({ web, personal, group, user }: Seat): Promise<void> {
  const content = captions(user.canary);
  if (web) await web.upload([{ name: `${user.canary}.vtt`, type: 'text/vtt', content }]);
  const chat = personal ?? group;
  await chat?.deliver(chat.activity('message', { text: group ? '<at>Parley</at>' : '', ...(group && { entities: [group.mention] }), attachments: [{ contentType: 'text/vtt', name: `${user.canary}.vtt`, contentUrl: `data:text/vtt;base64,${Buffer.from(content).toString('base64')}` }] }, user.person));
}

/** What each of them says and gives; all of it has to be in the export. */
const said = ({ canary }: User): readonly string[] => [`What does ${canary} stand for?`, `${canary} is what I mean, and nothing else`, `summarize ${`We talked about ${canary} for a while. Ben will write it down. `.repeat(5)}`, `settings translate to German`, `translate the words ${canary} are here`];

async function live(seat: Seat): Promise<void> {
  for (const text of said(seat.user)) await speak(seat, text);
  await giveFile(seat);
}

async function cli(databaseUrl: string, ...args: readonly string[]): Promise<string> {
  let output = '';
  const complaints: string[] = [];
  const terminal = { words: wordsFor('en'), env: { DATABASE_URL: databaseUrl }, stdin: Readable.from([]), print: (text: string) => void (output += text), readThread: parseThread };
  const exitCode = await runCommandLine(args, terminal, (line) => void complaints.push(line));
  if (exitCode !== 0) throw new Error(`parley ${args.join(' ')}: ${complaints.join(' ')}`);
  return output;
}

/** The bytes of the files of a SQLite store, or every row of every table. */
async function dump(databaseUrl: string): Promise<string> {
  if (!databaseUrl.startsWith('postgres')) return ['', '-wal', '-shm'].map((ending) => `${databaseUrl}${ending}`).filter((path) => existsSync(path)).map((path) => readFileSync(path, 'latin1')).join('\n');
  const database = await openDatabase(databaseUrl);
  try {
    const tables = await database.query<{ name: string }>(`SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`);
    const rows = await Promise.all(tables.map(({ name }) => database.query<object>(`SELECT * FROM ${name}`)));
    return JSON.stringify(rows, (_key, value: unknown) => (value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value));
  } finally {
    await database.close();
  }
}

/** What stands around each trace tells which table still holds it. Needles are letters, digits, colons and dashes. */
const aroundIn = (text: string, needles: readonly string[]): readonly string[] =>
  needles.flatMap((needle) => [...text.matchAll(new RegExp(needle, 'g'))].map(({ index }) => JSON.stringify(text.slice(Math.max(0, index - 200), index + 200))));

const countIn = (text: string, needles: readonly string[]): number => needles.reduce((count, needle) => count + text.split(needle).length - 1, 0);

/** Answers with every canary that it was shown: the worst that a model can do. Turns that are said to hang hang until they are let go. */
function createModel() {
  const gates = new Map<string, PromiseWithResolvers<undefined>>();
  const gateOf = (flight: string): PromiseWithResolvers<undefined> => {
    const gate = gates.get(flight) ?? Promise.withResolvers<undefined>();
    gates.set(flight, gate);
    return gate;
  };
  const seen = new Set<string>();
  return {
    isAsked: (flight: string): boolean => seen.has(flight),
    letGo: (flight: string): void => {
      gateOf(flight).resolve(undefined);
    },
    answer: async (call: ModelCall) => {
      const prompt = JSON.stringify(call.body.messages);
      const last = JSON.stringify(call.body.messages.at(-1));
      const flight = /Flight[0-9a-f]+Z/.exec(last)?.[0];
      if (flight !== undefined) {
        seen.add(flight);
        await gateOf(flight).promise;
      }
      const told = `I was told of ${[...new Set(prompt.match(/(?:Canary|Flight)[0-9a-f]+Z/g))].join(', ') || 'nothing'}.`;
      const schema = call.body.response_format?.json_schema?.name;
      if (schema === 'conversation_notes') return sayJson({ notes: told });
      return schema === undefined ? say(told) : likeAModel(call);
    },
  };
}

async function until(isTrue: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const endsAt = Date.now() + 60_000;
  while (!(await isTrue())) {
    if (Date.now() > endsAt) throw new Error(`It never came to this: ${what}.`);
    await sleep(20);
  }
}

async function settled({ url }: Parley): Promise<void> {
  await until(async () => ((await (await fetch(`${url}/readyz`)).json()) as { backlog: number }).backlog === 0, 'all turns are done');
}

async function seatOf(user: User, parley: Parley, groups: readonly TeamsChat[]): Promise<Seat> {
  if (user.kind === 'web') {
    const web = await parley.webChat();
    return { user, web, personal: undefined, group: undefined, userId: webUserOf(web) };
  }
  if (user.kind === 'group') return { user, web: undefined, personal: undefined, group: groups[user.number % GROUPS], userId: user.person.aadObjectId };
  return { user, web: undefined, personal: parley.teamsChat(), group: undefined, userId: user.person.aadObjectId };
}

/** The token says whose it is. */
const webUserOf = ({ token }: WebChat): string => String((JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { user?: unknown }).user);

onEveryStore('people who want to be forgotten', (store) => {
  test('row 32: all of theirs is exported, then none of it is left, and no turn brings it back', async () => {
    const startedAt = Date.now();
    const databaseUrl = await store.url();
    const server = await startFakeModelServer();
    const model = createModel();
    server.answerWith(model.answer);
    const parley = await startParley({ databaseFile: databaseUrl, model: { server, as: 'azure' }, env: { MODEL_CONTEXT_TOKENS: '4000' }, edges: { sendLimits: [] } });
    let isStopped = false;
    try {
      const groups = Array.from({ length: GROUPS }, () => parley.teamsChat({ type: 'groupChat' }));
      const users = Array.from({ length: USERS }, (_, number) => createUser(number));
      const seats = await Promise.all(users.map((user) => seatOf(user, parley, groups)));
      const bystanders = groups.map((group, number): Seat => ({ user: { ...createUser(1), number }, web: undefined, personal: undefined, group, userId: '' }));
      await inParallel(USERS, AT_ONCE, (index) => live(seats[index]!));
      await settled(parley);
      for (const each of bystanders) for (const text of [`Who has spoken here, asks ${each.user.canary}?`, 'summarize this conversation']) await speak(each, text);
      await settled(parley);
      const before = await dump(databaseUrl);
      const known = users.filter(({ canary }) => before.includes(canary)).length;

      const exported = await inParallel(USERS, AT_ONCE, async (index) => {
        const { user, userId } = seats[index]!;
        const { records } = JSON.parse(await cli(databaseUrl, 'user', 'export', userId)) as { records: readonly { data: Readonly<Record<string, unknown>> }[] };
        const texts = records.map(({ data }) => data);
        const wanted = [...said(user).map((text) => (entry: (typeof texts)[number]) => String(entry['text']).includes(text.slice(0, 60))), (entry: (typeof texts)[number]) => String(entry['document']).includes(`ship ${user.canary}`), (entry: (typeof texts)[number]) => String(entry['settings']).includes('de')];
        return { wanted: wanted.length, found: wanted.filter((isWanted) => texts.some(isWanted)).length, foreign: users.filter((other) => other.kind !== 'group' && other !== user && JSON.stringify(texts).includes(other.canary)).length };
      });

      const bySomebody = seats.filter(({ user }) => !user.asksInChat);
      await inParallel(bySomebody.length, AT_ONCE, async (index) => {
        const seat = bySomebody[index]!;
        const { flight } = seat.user;
        const speaking = speak(seat, `Tell me about ${flight}`);
        await until(() => model.isAsked(flight), `the model is asked by ${seat.user.kind} ${seat.user.number}`);
        await cli(databaseUrl, 'user', 'delete', seat.userId);
        model.letGo(flight);
        await speaking.catch(() => undefined);
      });
      await settled(parley);
      await until(async () => (await fetch(`${parley.url}/readyz`)).ok, 'it is ready');
      const byThemselves = seats.filter(({ user }) => user.asksInChat);
      await inParallel(byThemselves.length, AT_ONCE, async (index) => {
        for (const text of ['forget me', 'yes']) await speak(byThemselves[index]!, text);
      });
      await settled(parley);
      await sleep(3_000); // the audit log is sealed, and abandoned work is taken up: what might come back has come back
      await settled(parley);

      const words = users.flatMap(({ canary, flight }) => [canary, flight]);
      const namesOf = (some: readonly Seat[]): readonly string[] => some.flatMap(({ user: { person }, userId }) => [person.name, person.id, userId]);
      const running = await dump(databaseUrl);
      const [wordsLeft, namesLeft] = [countIn(running, words), countIn(running, namesOf(bySomebody))];
      const resurrected = countIn(running, users.map(({ flight }) => flight));
      const othersLeft = bystanders.filter(({ user }) => running.includes(user.canary)).length;
      await parley.stop();
      isStopped = true;
      const stopped = await dump(databaseUrl);
      const traces = aroundIn(stopped, [...words, ...namesOf(seats.filter(({ user, web }) => !user.asksInChat || !web))]);

      const [wanted, found, foreign] = [exported.reduce((sum, each) => sum + each.wanted, 0), exported.reduce((sum, each) => sum + each.found, 0), exported.reduce((sum, each) => sum + each.foreign, 0)];
      console.log(`Row 32 took ${Math.round((Date.now() - startedAt) / 1000)} s on ${store.kind}.`);
      expect({ known, found, foreign, wordsLeft, namesLeft, resurrected, traces, othersLeft }).toEqual({ known: USERS, found: wanted, foreign: 0, wordsLeft: 0, namesLeft: 0, resurrected: 0, traces: [], othersLeft: GROUPS });
      score(32, {
        load: `${USERS} users in Teams, groups and the web chat, ${bySomebody.length} deleted during a turn, ${store.kind}`,
        figure: `${found} of ${wanted} exported, ${wordsLeft + namesLeft + traces.length} traces left, ${resurrected} resurrected`,
      });
    } finally {
      await (isStopped ? parley.teams.close() : parley.close());
      await server.close();
    }
  });
});
