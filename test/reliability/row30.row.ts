import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { openDatabase } from '../../state/openDatabase';
import { drawn, spoken } from '../helpers/fakeMediaModels';
import { startFakeModelServer, type FakeModelServer } from '../helpers/fakeModelServer';
import { startParley, type Parley } from '../helpers/parley';
import { onEveryStore } from '../helpers/stores';
import type { TeamsChat } from '../helpers/teamsChat';
import { inParallel } from './load';
import { seededRandom } from './random';
import { score } from './scorecard';

const TENANTS = 20;
const USERS = 50;
const GROUPS = 5;
const STEPS = 5_000;
const AT_ONCE = 24;
const SEED = Number(process.env['ROW_30_SEED'] ?? randomBytes(4).readUInt32LE());

/** All that keeps something of a conversation; a small context, so that notes are taken soon. */
const everything = { AZURE_OPENAI_EMBEDDINGS_DEPLOYMENT: 'embeddings', AZURE_OPENAI_IMAGES_DEPLOYMENT: 'pictures', AZURE_OPENAI_SPEAK_DEPLOYMENT: 'voice', MODEL_CONTEXT_TOKENS: '4096', WITHOUT_MODERATION: 'show' };

/** Each tenant's people translate into a language of their own, so that one who reads another's settings is found out. */
const languages = [['German', 'de'], ['French', 'fr'], ['Spanish', 'es'], ['Italian', 'it'], ['Dutch', 'nl'], ['Polish', 'pl'], ['Swedish', 'sv'], ['Danish', 'da'], ['Finnish', 'fi'], ['Czech', 'cs']] as const;
const languageOf = (tenant: number): readonly [string, string] => languages[tenant % languages.length] ?? languages[0];

/** A conversation of one person with the bot, or of a group; its words hold its canary, and no other's may be seen there. */
interface Place {
  readonly tenant: number;
  readonly kind: 'person' | 'group';
  readonly number: number;
  readonly canary: string;
}

/** The same ids in every tenant: what tells two people, or two conversations, apart is the tenant alone. */
const conversationIdOf = ({ kind, number }: Place): string => (kind === 'person' ? `a:person-${number}` : `19:group-${number}@thread.v2`);
const tenantIdOf = (tenant: number): string => `00000000-0000-0000-0000-0000000000${String(tenant).padStart(2, '0')}`;
const personOf = (number: number) => ({ id: `29:person-${number}`, name: `Person ${number}`, aadObjectId: `11111111-0000-0000-0000-0000000000${String(number).padStart(2, '0')}` });

const canaries = /Canary(?:person|group)\d+x\d+x[0-9a-f]{8}/g;
const canariesIn = (text: string): ReadonlySet<string> => new Set(text.match(canaries));
const placeName = ({ tenant, kind, number }: Place): string => `${tenantIdOf(tenant)} ${conversationIdOf({ tenant, kind, number, canary: '' })}`;

function createPlaces(): readonly Place[] {
  const make = (kind: Place['kind'], count: number): readonly Place[] =>
    Array.from({ length: TENANTS * count }, (_, index) => {
      const [tenant, number] = [Math.floor(index / count), index % count];
      return { tenant, kind, number, canary: `Canary${kind}${tenant}x${number}x${randomBytes(4).toString('hex')}` };
    });
  return [...make('person', USERS), ...make('group', GROUPS)];
}

type Random = () => number;
const pick = <T>(from: readonly T[], random: Random): T => from[Math.floor(random() * from.length)]!;

/** What somebody says in a place: its words hold the canary, or ask for what was said there before. */
const sayings: readonly ((place: Place) => string | object)[] = [
  ({ canary }) => `What does ${canary} stand for?`,
  () => 'What did I ask you before?',
  () => 'summarize this conversation',
  ({ canary }) => `summarize ${`We talked about ${canary} for a while. Ben will write it down. `.repeat(5)}`,
  ({ canary }) => `The report about ${canary} is long. `.repeat(40),
  ({ canary }) => `translate the words ${canary} are here`,
  ({ tenant }) => `settings translate to ${languageOf(tenant)[0]}`,
  () => 'translate',
  ({ canary }) => `${canary} is what I mean`,
  ({ canary }) => `draw a poster that says ${canary}`,
  () => 'read aloud',
  () => 'why this answer?',
  () => 'What did I tell you about the report?',
  () => 'summarize the last file',
  ({ canary }) => ({ text: '', attachments: [{ contentType: 'text/vtt', name: `${canary}.vtt`, contentUrl: `data:text/vtt;base64,${Buffer.from(captions(canary)).toString('base64')}` }] }),
  () => 'forget me',
  () => 'nein', // not "no": as an answer to "To which language?" that is Norwegian
  () => 'cancel',
  () => 'start over',
];

const captions = (canary: string): string => `WEBVTT\n\n00:01.000 --> 00:04.000\n<v Ann>We decided to ship ${canary} on Monday, all of us.\n\n00:05.000 --> 00:09.000\n<v Ben>I will tell everybody about ${canary} tomorrow.\n`;

async function say(place: Place, chats: ReadonlyMap<string, TeamsChat>, random: Random): Promise<void> {
  const chat = chats.get(conversationIdOf(place))!;
  const said = pick(sayings, random)(place);
  const tenant = { id: tenantIdOf(place.tenant) };
  const isGroup = place.kind === 'group';
  const text = typeof said === 'string' ? { text: isGroup ? `<at>Parley</at> ${said}` : said } : said;
  const from = personOf(isGroup ? GROUPS * Math.floor(random() * (USERS / GROUPS)) + place.number : place.number);
  await chat.deliver(chat.activity('message', {
    ...text,
    ...(isGroup && { entities: [chat.mention] }),
    conversation: { id: chat.id, conversationType: isGroup ? 'groupChat' : 'personal', tenantId: tenant.id, ...(isGroup && { isGroup: true }) },
    channelData: { tenant },
  }, from));
}

/** Every text somewhere, with the place where it is. */
interface Seen {
  readonly where: string;
  readonly place: string;
  readonly text: string;
}

interface Reply {
  readonly conversation?: { readonly id: string; readonly tenantId?: string };
}

const repliesOf = (parley: Parley): readonly Seen[] =>
  parley.teams.requests.filter(({ method }) => method !== 'GET').map(({ text }) => {
    const { conversation } = JSON.parse(text) as Reply;
    return { where: 'card', place: `${conversation?.tenantId ?? ''} ${conversation?.id ?? ''}`, text };
  });

const tables = ['conversations', 'messages', 'threads', 'inbox', 'outbox', 'quarantine', 'memory_summaries', 'answers', 'media'];

/** Each stored row, by the conversation that its key names. */
async function stateOf(databaseFile: string): Promise<readonly (Seen & { readonly table: string })[]> {
  const database = await openDatabase(databaseFile);
  try {
    const rows = await Promise.all(tables.map(async (table) => (await database.query<{ conversation_key: string }>(`SELECT * FROM ${table}`)).map((row) => ({ table, row }))));
    return rows.flat().map(({ table, row }) => ({ where: 'state', table, place: row.conversation_key.split('|').slice(2).join(' '), text: readable(row) }));
  } finally {
    await database.close();
  }
}

/** Pictures and recordings are read, too: the fakes write into them what they were asked for. */
const readable = (row: object): string => Object.values(row).map((value: unknown) => (value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : JSON.stringify(value))).join(' ');

/** Vectors that stand for no message of their conversation. */
async function strayVectors(databaseFile: string): Promise<{ readonly stray: number; readonly total: number }> {
  const database = await openDatabase(databaseFile);
  try {
    const vectors = await database.query<{ conversation_key: string; id: string }>('SELECT conversation_key, id FROM message_vectors');
    const messages = new Set((await database.query<{ conversation_key: string; id: string }>('SELECT conversation_key, id FROM messages')).map(({ conversation_key: key, id }) => `${key} ${id}`));
    return { stray: vectors.filter(({ conversation_key: key, id }) => !messages.has(`${key} ${id}`)).length, total: vectors.length };
  } finally {
    await database.close();
  }
}

/** Pictures and recordings with what they were asked for behind their end, where every player stops reading. */
function markMedia(server: FakeModelServer): void {
  server.media.answerWith('images', (call) => {
    const made = drawn(call) as { readonly kind: 'json'; readonly body: { readonly data: readonly { readonly b64_json: string }[] } }; // what `drawn` gives
    const data = made.body.data.map(({ b64_json: picture }) => ({ b64_json: Buffer.concat([Buffer.from(picture, 'base64'), Buffer.from(String(call.body['prompt']))]).toString('base64') }));
    return { ...made, body: { ...made.body, data } };
  });
  server.media.answerWith('speech', (call) => {
    const made = spoken(call);
    return made.kind === 'bytes' ? { ...made, bytes: Buffer.concat([made.bytes, Buffer.from(String(call.body['input']))]) } : made;
  });
}

/** The pages, pictures and recordings behind the links of replies. */
async function pagesOf(parley: Parley, replies: readonly Seen[]): Promise<readonly Seen[]> {
  const links = new Map(replies.flatMap(({ text, place }) => [...text.matchAll(/\/(?:threads|media)\/[\w-]{20,}/g)].map(([path]) => [path, place] as const)));
  const sample = [...links].filter((_, index) => index % Math.ceil(links.size / 200) === 0);
  return inParallel(sample.length, 8, async (index) => {
    const [path, place] = sample[index] ?? ['', ''];
    return { where: 'page', place, text: Buffer.from(await (await fetch(`${parley.url}${path}`)).arrayBuffer()).toString('latin1') };
  });
}

onEveryStore('isolation', (store) => {
  test('row 30: nobody reads what belongs to another person, group or tenant', async () => {
    console.log(`Row 30 begins with the seed ${SEED}.`);
    const databaseFile = await store.url();
    const random = seededRandom(SEED);
    const server = await startFakeModelServer();
    server.behaveLikeAModel();
    markMedia(server);
    const parley = await startParley({ databaseFile, model: { server, as: 'azure' }, edges: { sendLimits: [] }, env: everything });
    const places = createPlaces();
    const owners = new Map(places.map((place) => [place.canary, placeName(place)]));
    const ids = new Set(places.map(conversationIdOf));
    const chats = new Map([...ids].map((id) => [id, parley.teamsChat({ id: parley.teams.open({ id, type: id.startsWith('a:') ? 'personal' : 'groupChat' }), type: id.startsWith('a:') ? 'personal' : 'groupChat' })]));
    try {
      await inParallel(STEPS, AT_ONCE, () => say(pick(places, random), chats, random));
      await settled(parley);
      const replies = repliesOf(parley);
      const pages = await pagesOf(parley, replies);
      const state = await stateOf(databaseFile);

      const foreign = [...replies, ...pages, ...state].flatMap(({ where, place, text }) => [...canariesIn(text)].filter((canary) => owners.get(canary) !== place).map((canary) => `${where} of ${place} has ${canary}`));
      const asked = [...server.calls.map(({ body }) => body), ...server.embeddingCalls, ...server.media.calls.map(({ body }) => body)];
      const prompts = asked.map((body) => canariesIn(JSON.stringify(body)));
      const vectors = await strayVectors(databaseFile);
      const mixed = prompts.filter((found) => found.size > 1);
      const otherLanguage = replies.filter(({ text, place }) => [...text.matchAll(/\[([a-z]{2})\] the words/g)].some(([, code]) => code !== languageOf(Number(place.slice(34, 36)))[1]));
      expect({ foreign: foreign.slice(0, 10), mixed: mixed.length, otherLanguage: otherLanguage.length, stray: vectors.stray }).toEqual({ foreign: [], mixed: 0, otherLanguage: 0, stray: 0 });

      const withCanary = (seen: readonly Seen[]): number => seen.filter(({ text }) => canariesIn(text).size > 0).length;
      const counts = [prompts.filter(({ size }) => size === 1).length, withCanary(replies), withCanary(pages), withCanary(state)];
      expect(asked.filter((body) => 'prompt_cache_key' in body)).toEqual([]); // no key that two people could share
      const kept = tables.map((table) => ({ table, rows: state.filter((row) => row.table === table && canariesIn(row.text).size > 0).length }));
      expect(Math.min(...counts, vectors.total)).toBeGreaterThan(50); // otherwise nothing was looked at
      const rowsIn = (wanted: string): number => kept.find(({ table }) => table === wanted)?.rows ?? 0;
      const [notes, whys, media] = [rowsIn('memory_summaries'), rowsIn('answers'), rowsIn('media')];
      expect(Math.min(notes, whys, media)).toBeGreaterThan(10);
      score(30, {
        load: `${STEPS} messages, ${TENANTS} tenants with the same ${USERS} people and ${GROUPS} groups, seed ${SEED}, ${store.kind}`,
        figure: `${foreign.length + mixed.length} foreign canaries in ${counts[0]} prompts, ${counts[1]} replies, ${counts[2]} pages and ${counts[3]} rows, of which ${notes} notes, ${whys} of why and ${media} pictures and recordings; ${vectors.stray} of ${vectors.total} vectors stray`,
      });
    } finally {
      await parley.close();
      await server.close();
    }
  });
});

async function settled({ url }: Parley): Promise<void> {
  const endsAt = Date.now() + 120_000;
  for (;;) {
    const { backlog } = (await (await fetch(`${url}/readyz`)).json()) as { backlog: number };
    if (backlog === 0) return;
    if (Date.now() > endsAt) throw new Error(`${backlog} turns are not done after two minutes.`);
    await sleep(100);
  }
}
