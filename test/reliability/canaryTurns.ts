import { randomBytes } from 'node:crypto';
import type { Fault } from '../helpers/fakeConnector';
import type { ModelCall } from '../helpers/fakeModelServer';
import { say, type Script } from '../helpers/fakeModelScript';
import type { Parley } from '../helpers/parley';

export const TURNS = 1_000;
const SECRETS = 20;

export const canaryOf = (turn: number): string => `canary${turn}x${marks[turn] ?? ''}`;
const marks = Array.from({ length: TURNS }, () => randomBytes(6).toString('hex'));
export const secrets = Array.from({ length: SECRETS }, (_, index) => `secret${index}-${randomBytes(12).toString('hex')}`);
export const secret = (index: number): string => secrets[index % SECRETS] ?? '';

/** Errors of a model that hold the request, as services and proxies make them. */
export function modelFault(call: ModelCall): Script | undefined {
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

export interface Gathered {
  readonly bodies: string[];
  /** Conversation of each turn of the first half: the second half goes on there. */
  readonly conversations: Map<number, string>;
}

/** Parley as the turns see it, whatever process it runs in. */
export type CanaryHost = Pick<Parley, 'url' | 'teams' | 'teamsChat' | 'webChat'>;

export type Ask = (path: string, init: RequestInit) => Promise<void>;

/** One turn of a person, or of somebody who is none, with this turn's words and one of the secrets. */
export async function takeTurn(turn: number, { parley, ask, gathered }: { parley: CanaryHost; ask: Ask; gathered: Gathered }): Promise<void> {
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
async function webVisitor(parley: CanaryHost, words: string, token: string, ask: Ask): Promise<void> {
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
