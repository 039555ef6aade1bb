import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import type { TurnCommit } from '../../state/turns';
import { openDatabase } from '../../state/openDatabase';
import type { Fault } from '../helpers/fakeConnector';
import { startFakeIdentity } from '../helpers/fakeIdentity';
import { likeAModel } from '../helpers/fakeModelBehavior';
import { startFakeModelServer, type ModelCall } from '../helpers/fakeModelServer';
import { say, type Script } from '../helpers/fakeModelScript';
import { startParley, type Parley } from '../helpers/parley';
import { temporaryFolder } from '../helpers/temporaryFolder';
import { inParallel } from './load';
import { score } from './scorecard';

const TURNS = 1_000;
const SECRETS = 20;
const AT_ONCE = 8;

const canaryOf = (turn: number): string => `canary${turn}x${marks[turn] ?? ''}`;
const marks = Array.from({ length: TURNS }, () => randomBytes(6).toString('hex'));
const secrets = Array.from({ length: SECRETS }, (_, index) => `secret${index}-${randomBytes(12).toString('hex')}`);
const secret = (index: number): string => secrets[index % SECRETS] ?? '';

/** Errors of a model that hold the request, as services and proxies make them. */
function modelFault(call: ModelCall): Script | undefined {
  const prompt = JSON.stringify(call.body.messages);
  const turn = Number(/canary(\d+)x/.exec(prompt)?.[1] ?? -1);
  const refusal = (status: number, code: string | null): Script => ({ kind: 'refusal', status, body: { error: { message: prompt, type: prompt, code, param: prompt } } });
  const faults: readonly (Script | undefined)[] = [
    refusal(400, null), refusal(400, 'content_filter'), refusal(401, prompt), refusal(404, prompt), { kind: 'refusal', status: 502, body: prompt },
    { kind: 'drop' }, call.body.stream ? { kind: 'broken', pieces: [prompt.slice(0, 500)], how: 'bad-json' } : say(prompt),
    call.body.stream ? { kind: 'broken', pieces: ['a ', 'b'], how: 'error-event' } : refusal(500, null), say(prompt), { kind: 'tools', calls: [{ name: prompt.slice(0, 60), arguments: prompt }] },
  ];
  return turn % 3 === 0 ? faults[(turn / 3) % faults.length] : undefined;
}

/** A channel that answers with what it was sent. */
const channelFaults = (said: string): readonly Fault[] => [
  { status: 400, code: said, message: said }, { status: 403, code: 'BotDisabledByUser', message: said }, { status: 404, message: said }, 'drop-after', { status: 500, code: said, message: said, isDelivered: true },
];

interface Gathered {
  readonly bodies: string[];
  /** Conversation of each turn of the first half: the second half goes on there. */
  readonly conversations: Map<number, string>;
}

type Ask = (path: string, init: RequestInit) => Promise<void>;

/** One turn of a person, or of somebody who is none, with this turn's words and one of the secrets. */
async function takeTurn(turn: number, { parley, ask, gathered }: { parley: Parley; ask: Ask; gathered: Gathered }): Promise<void> {
  const words = canaryOf(turn);
  const type = turn % 5 === 0 ? 'groupChat' : 'personal';
  const known = gathered.conversations.get(turn - TURNS / 2);
  const chat = parley.teamsChat({ type, ...(known !== undefined && { id: parley.teams.open({ id: known, type }) }) });
  gathered.conversations.set(turn, chat.id);
  const message = (text: string, more: object = {}) => chat.activity('message', { text: turn % 5 === 0 ? `<at>Parley</at> ${text}` : text, ...(turn % 5 === 0 && { entities: [chat.mention] }), ...more });
  const post = async (activity: object): Promise<void> => {
    const { body } = await chat.call(activity as Readonly<Record<string, unknown>>);
    gathered.bodies.push(JSON.stringify(body));
  };
  const kinds: readonly (() => Promise<void>)[] = [
    () => post(message(`What is ${words}?`)),
    () => post(message(`translate ${words} to German`)),
    () => post(message(`summarize ${`${words} said that the plan is good. We decided to go with ${words}. `.repeat(4)}`)),
    () => post(message('settings language ' + words)),
    () => post(message(`translate the words of ${words} into Klingon`)),
    () => post(message('', { attachments: [{ contentType: 'text/plain', name: `${words}.txt`, contentUrl: `https://${words}.example/${words}?sig=${secret(turn)}` }] })),
    () => post(message('', { attachments: [{ contentType: 'application/pdf', name: `${words}.pdf`, contentUrl: `data:application/pdf;base64,${Buffer.from(`%PDF-1.7 ${words}`).toString('base64')}` }] })),
    () => post(message(words, { value: { parley: { action: words, values: { text: words } } } })),
    () => post(chat.activity('invoke', { name: words, value: { action: { data: { parley: { action: 'settings', values: { save: true, language: words } } } } } })),
    () => post(chat.activity('event', { name: words, value: words, from: { id: words, name: words, aadObjectId: words } })),
    () => post({ ...message(words), from: { id: `29:${words}`, name: words, aadObjectId: words }, conversation: { id: words, name: words, conversationType: 'personal', tenantId: words } }),
    () => post({ ...message(words), text: { [words]: words }, locale: words, channelId: words, serviceUrl: `https://${words}.example/` }),
    () => badCaller(words, secret(turn), ask),
    () => webVisitor(parley, words, secret(turn), ask),
  ];
  if (turn % 7 === 0) parley.teams.failNext([channelFaults(words)[(turn / 7) % 5] ?? 'drop-after']);
  await kinds[turn % kinds.length]?.();
}

/** Callers whom nobody sent, with tokens of every kind. */
async function badCaller(words: string, token: string, ask: Ask): Promise<void> {
  const jwt = [{ alg: 'none', kid: token }, { iss: words, aud: token }].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  const body = JSON.stringify({ type: 'message', id: words, text: words, channelId: 'msteams', serviceUrl: 'https://smba.trafficmanager.net/', conversation: { id: words }, recipient: { id: '28:bot' }, from: { id: words, name: words } });
  const json = { 'content-type': 'application/json' };
  await ask('/api/messages', { method: 'POST', body, headers: { ...json, authorization: `Bearer ${token}` } });
  await ask('/api/messages', { method: 'POST', body, headers: { ...json, authorization: `Bearer ${jwt}.${token}`, cookie: `session=${token}`, 'x-api-key': token } });
  await ask('/api/messages', { method: 'POST', body: `{"text":"${words}`, headers: { ...json, authorization: `Basic ${token}` } });
  await ask('/api/messages', { method: 'POST', body: words, headers: { 'content-encoding': 'gzip', 'x-words': words } });
  await ask(`/metrics?token=${token}&q=${words}`, { headers: { authorization: `Bearer ${token}` } });
  await ask(`/${words}/${token}?${words}=${token}`, {});
  await ask(`/threads/${token}${words}`, { headers: { 'accept-language': words } });
}

/** A visitor of the page who says something, sends files that cannot be read, and uses tokens that are none. */
async function webVisitor(parley: Parley, words: string, token: string, ask: Ask): Promise<void> {
  const chat = await parley.webChat();
  await chat.post({ text: words, channelData: { [words]: words }, locale: words });
  await chat.upload([{ name: `${words}.docx`, type: 'application/pdf', content: `PK${words}` }, { name: `../${words}.vtt`, type: words, content: words }], words).catch(() => undefined);
  await chat.close();
  const headers = { authorization: `Bearer ${token}` };
  await ask('/v3/directline/conversations', { method: 'POST', headers, body: words });
  await ask(`/v3/directline/conversations/${words}/activities?watermark=${token}`, { headers });
  await ask(`/v3/directline/conversations/${words}/stream?t=${token}`, {});
  await ask('/v3/directline/tokens/generate', { method: 'POST', headers, body: `{"user":"${words}"` });
  await ask('/api/webchat/token', { method: 'POST', body: JSON.stringify({ token, more: words }), headers: { origin: `https://${words}.example` } });
}

/** Between two runs: what is stored is damaged, and holds words. */
async function damage(databaseFile: string): Promise<void> {
  const database = await openDatabase(databaseFile);
  const words = canaryOf(1);
  await database.execute(`UPDATE conversations SET document = '{"greeted": ${words}, ' || document`);
  await database.execute(`UPDATE users SET settings = '${words} ' || settings`);
  await database.execute(`UPDATE threads SET document = '${words} ' || document`);
  await database.close();
}

test('row 31: what people say, and secrets, are in no log, metric or answer of the host', async () => {
  const folder = temporaryFolder();
  const databaseFile = join(folder.path, 'parley.db');
  const identity = await startFakeIdentity({ password: secret(0) });
  const server = await startFakeModelServer();
  server.answerWith((call) => modelFault(call) ?? likeAModel(call));
  const gathered: Gathered = { bodies: [], conversations: new Map() };
  const outputs: string[] = [];
  const spies = [process.stdout, process.stderr].map((stream) => jest.spyOn(stream, 'write').mockImplementation((chunk) => outputs.push(String(chunk)) > 0));
  const metricsToken = secret(1);
  const start = (): Promise<Parley> => startParley({
    databaseFile,
    identity,
    model: { server, as: 'azure' },
    modelLimits: { maxRetryWaitMs: 50, maxRetries: 1 },
    env: { LOG_LEVEL: 'trace', METRICS_TOKEN: metricsToken, AZURE_OPENAI_API_KEY: secret(2), DIRECT_LINE_EMBEDDED_SECRET: secret(3) },
    edges: { turnStore: (store) => ({ ...store, commit: (turn) => failing(turn) ?? store.commit(turn) }) },
  });
  const run = async (from: number, to: number): Promise<readonly string[]> => {
    const parley = await start();
    const ask: Ask = async (path, init) => {
      gathered.bodies.push(await (await fetch(`${parley.url}${path}`, init)).text());
    };
    try {
      await inParallel(to - from, AT_ONCE, (index) => takeTurn(from + index, { parley, ask, gathered }));
      await settled(parley);
      await ask('/readyz', {});
      await ask('/metrics', { headers: { authorization: `Bearer ${metricsToken}` } });
    } finally {
      await parley.close();
    }
    return parley.logged;
  };
  try {
    const first = await run(0, TURNS / 2);
    await damage(databaseFile);
    const second = await run(TURNS / 2, TURNS);
    const log = [...first, ...second];
    const said = [...log, ...gathered.bodies, ...outputs].join('\n');
    const hits = [...secrets, ...Array.from({ length: TURNS }, (_, turn) => canaryOf(turn))].filter((each) => said.includes(each));
    expect(hits).toEqual([]);
    const faults = new Set(log.map((line) => (JSON.parse(line) as { msg?: string }).msg));
    expect([...faults]).toEqual(expect.arrayContaining(['turn finished', 'request refused', 'model call finished', 'reply was not delivered', 'stored conversation cannot be used and is set aside']));
    score(31, { load: `${TURNS} turns with ${SECRETS} secrets and ${TURNS} canaries, ${log.length} lines of log, ${gathered.bodies.length} answers`, figure: `${hits.length} hits` });
  } finally {
    for (const spy of spies) spy.mockRestore();
    await server.close().catch(() => undefined); // prompts that were scripted away count as its violations
    await identity.close();
    folder.remove();
  }
});

const failed = new Set<string>();

/** A store that says what it was to write, once for some activities. */
function failing(turn: TurnCommit): Promise<never> | undefined {
  const words = JSON.stringify(turn);
  const isDue = Number(/canary(\d+)x/.exec(words)?.[1] ?? 1) % 50 === 0 && !failed.has(turn.activityId);
  if (!isDue) return undefined;
  failed.add(turn.activityId);
  return Promise.reject(Object.assign(new Error(`duplicate key: ${words}`), { detail: words, code: '23505' }));
}

async function settled({ url }: Parley): Promise<void> {
  const endsAt = Date.now() + 60_000;
  for (;;) {
    const { backlog } = (await (await fetch(`${url}/readyz`)).json()) as { backlog: number };
    if (backlog === 0) return;
    if (Date.now() > endsAt) throw new Error(`${backlog} turns are not done after a minute.`);
    await sleep(50);
  }
}
