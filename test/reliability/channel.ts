import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import type { ConversationType, ShownActivity } from '../helpers/channelConversation';
import { startFakeConnector, type FakeConnector } from '../helpers/fakeConnector';
import { startFakeIdentity, type FakeIdentity } from '../helpers/fakeIdentity';
import { textOf, type WireActivity } from '../helpers/channelRules';
import type { RecordedRequest } from '../helpers/httpServer';
import { seenIn } from './attentiveModel';
import { checkHistory, type Finding, type Said, type Shown } from './history';

/** A message that was sent, and what came of its deliveries. */
export interface Delivery extends Said {
  /** From the first delivery to the first 200; undefined: it was not taken. */
  readonly ackMs: number | undefined;
  /** How often it was posted, and what came back: a status, 'timeout' or 'failed' (no answer). */
  readonly outcomes: readonly (number | 'timeout' | 'failed')[];
}

/** Words, or what makes them of the message's id. */
export type Text = string | ((id: string) => string);

export interface SayOptions {
  readonly type?: ConversationType;
  /** Another channel than Teams; the service is the same. */
  readonly channelId?: string;
  /** What of the activity is different. */
  readonly more?: Readonly<Record<string, unknown>>;
  /** How many copies are delivered at the same time. */
  readonly copies?: number;
  /** Sends something else than `message` would make. */
  readonly activity?: Wire;
}

/** Teams, as far as the bot can tell: signs its calls, delivers again what was not taken in time, and shows the answers. */
export interface Channel {
  readonly identity: FakeIdentity;
  readonly teams: FakeConnector;
  /** Everything that was said, in the order of its first delivery. */
  readonly deliveries: readonly Delivery[];
  /** A message as it goes over the wire, new each time. */
  message(conversation: string, text: Text, options?: SayOptions): Wire;
  /** One delivery and nothing else; nothing is recorded. */
  post(activity: object): Promise<Outcome>;
  /** One delivery whose sender goes away after `afterMs`, before there is an answer. Throws when there was one. */
  postAndHangUp(activity: object, afterMs: number): Promise<void>;
  /** Says something; resolves when the bot took or refused it. */
  say(conversation: string, text: Text, options?: SayOptions): Promise<Delivery>;
  /** Answers that stand in a conversation now, in their order; what is still being written is none. */
  answers(conversation: string): readonly (Shown & { readonly text: string })[];
  /** Resolves when everything that was acknowledged is answered; rejects after `limitMs` with how many are missing. */
  allAnswered(limitMs: number): Promise<void>;
  /**
   * When each message was answered (or, with `sign`, when there was any sign of life, typing included), by its id, on the
   * clock of performance.now().
   */
  answeredAtMs(what?: 'answer' | 'sign'): ReadonlyMap<string, number>;
  /** What is wrong with everything that was said and shown. `numbers`: places by message id, where known. */
  check(numbers?: ReadonlyMap<string, number>): readonly Finding[];
  close(): Promise<void>;
}

export interface ChannelOptions {
  /** Without a slash at the end. */
  readonly botUrl: string;
  /** Tells an answer from a word that stands in its place until it comes. */
  readonly isAnswer?: (text: string) => boolean;
}

export type Outcome = number | 'timeout' | 'failed';
export type Wire = Readonly<Record<string, unknown>> & { readonly id: string };

/** "Teams re-posts a turn > 15 s": https://github.com/MicrosoftDocs/msteams-docs/issues/6084 */
const REPOST_AFTER_MS = 15_000;
const REPOST_PAUSES_MS = [1_000, 2_000, 4_000];
const TENANT = '0c1b2a3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d';
const LOOK_EVERY_MS = 100;

export async function startChannel({ botUrl, isAnswer = () => true }: ChannelOptions): Promise<Channel> {
  const identity = await startFakeIdentity();
  const teams = await startFakeConnector();
  const agent = new Agent({ connections: 1_024, pipelining: 1, keepAliveTimeout: 60_000 });
  const token = await identity.signToken({ serviceUrl: teams.serviceUrl });
  const deliveries: Delivery[] = [];
  const opened = new Set<string>();
  const closing = new AbortController();

  const open = (id: string, type: ConversationType): void => {
    if (!opened.has(id)) teams.open({ id, type });
    opened.add(id);
  };
  const message: Channel['message'] = (conversation, text, { type = 'personal', channelId = 'msteams', more = {} } = {}) => {
    open(conversation, type);
    return { ...wireMessage({ conversation, text, type, channelId, serviceUrl: teams.serviceUrl, appId: identity.account.appId }), ...more };
  };
  const post: Channel['post'] = (activity) => deliver(activity, { url: `${botUrl}/api/messages`, token, agent, limitMs: REPOST_AFTER_MS });
  const answers: Channel['answers'] = (conversation) => teams.activities(conversation).filter((shown) => shown.type === 'message' && isAnswer(wordsOf(shown))).map((shown) => toShown(conversation, shown));
  const missing = (): number => {
    const answered = new Set([...opened].flatMap((conversation) => answers(conversation).map(({ answers: id }) => id)));
    return deliveries.filter(({ id, acknowledgedAtMs }) => acknowledgedAtMs !== undefined && !answered.has(id)).length;
  };
  return {
    identity,
    teams,
    deliveries,
    message,
    post,
    postAndHangUp: async (activity, limitMs) => {
      const outcome = await deliver(activity, { url: `${botUrl}/api/messages`, token, agent, limitMs });
      if (outcome !== 'timeout') throw new Error(`There was an answer (${outcome}) within ${limitMs} ms.`);
    },
    say: async (conversation, text, options = {}) => {
      const index = deliveries.length;
      const activity = options.activity ?? message(conversation, text, options);
      const saidAtMs = performance.now();
      const started = { conversation, id: activity.id, saidAtMs, ackMs: undefined, outcomes: [] };
      deliveries.push(started);
      const copies = await Promise.all(Array.from({ length: options.copies ?? 1 }, async () => deliverUntilTaken(() => post(activity), closing.signal)));
      const outcomes = copies.flatMap((copy) => copy.outcomes);
      const taken = copies.flatMap(({ takenAtMs = [] }) => takenAtMs);
      const acknowledgedAtMs = Math.min(...taken);
      const delivery = taken.length > 0 ? { ...started, outcomes, acknowledgedAtMs, ackMs: acknowledgedAtMs - saidAtMs } : { ...started, outcomes };
      deliveries[index] = delivery;
      return delivery;
    },
    answers,
    allAnswered: async (limitMs) => {
      const endsAt = performance.now() + limitMs;
      while (missing() > 0) {
        if (performance.now() > endsAt) throw new Error(`After ${limitMs} ms, ${missing()} of ${deliveries.length} messages have no answer.`);
        await sleep(LOOK_EVERY_MS);
      }
    },
    answeredAtMs: (what = 'answer') => firstArrivals(teams.requests, what === 'sign' ? () => true : ({ type, text, summary }) => type === 'message' && isAnswer(textOf(text) || textOf(summary))),
    check: (numbers) => {
      const said = deliveries.map((delivery) => ({ ...delivery, ...(numbers?.has(delivery.id) && { number: numbers.get(delivery.id) ?? 0 }) }));
      return checkHistory({ said, shown: [...opened].flatMap((conversation) => answers(conversation)) });
    },
    close: async () => {
      closing.abort();
      await agent.destroy();
      await teams.close();
      await identity.close();
    },
  };
}

let lastId = Date.now() * 1_000;

function wireMessage(message: { conversation: string; text: Text; type: ConversationType; channelId: string; serviceUrl: string; appId: string }): Wire {
  const now = new Date().toISOString();
  const id = String(++lastId);
  const words = typeof message.text === 'string' ? message.text : message.text(id);
  const bot = { id: `28:${message.appId}`, name: 'Parley' };
  const isPersonal = message.type === 'personal';
  return {
    type: 'message',
    id,
    timestamp: now,
    localTimestamp: now,
    localTimezone: 'Europe/Berlin',
    serviceUrl: message.serviceUrl,
    channelId: message.channelId,
    from: { id: `29:${message.conversation}`, name: 'Avery Stone', aadObjectId: `aad-${message.conversation}` },
    conversation: { conversationType: message.type, tenantId: TENANT, id: message.conversation, ...(!isPersonal && { isGroup: true }) },
    recipient: bot,
    textFormat: 'plain',
    text: isPersonal ? words : `<at>Parley</at> ${words}`,
    locale: 'en-US',
    entities: [{ locale: 'en-US', country: 'US', platform: 'Web', timezone: 'Europe/Berlin', type: 'clientInfo' }, ...(isPersonal ? [] : [{ type: 'mention', mentioned: bot, text: '<at>Parley</at>' }])],
    channelData: { tenant: { id: TENANT } },
  };
}

interface Call {
  readonly url: string;
  readonly token: string;
  readonly agent: Agent;
  /** After so long the caller hangs up. */
  readonly limitMs: number;
}

async function deliver(activity: object, { url, token, agent, limitMs }: Call): Promise<Outcome> {
  const signal = AbortSignal.timeout(limitMs);
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  try {
    const { statusCode, body } = await request(url, { method: 'POST', headers, body: JSON.stringify(activity), dispatcher: agent, signal });
    await body.dump();
    return statusCode;
  } catch {
    return signal.aborted ? 'timeout' : 'failed';
  }
}

interface Taken {
  readonly outcomes: readonly Outcome[];
  readonly takenAtMs?: number;
}

/** What is not taken comes again: at once after a time-out, a little later after a failure. A refusal (4xx) is final. */
async function deliverUntilTaken(post: () => Promise<Outcome>, closing: AbortSignal): Promise<Taken> {
  const outcomes: Outcome[] = [];
  for (;;) {
    const outcome = await post();
    outcomes.push(outcome);
    if (closing.aborted) return { outcomes };
    if (outcome === 200) return { outcomes, takenAtMs: performance.now() };
    if (typeof outcome === 'number' && outcome < 500) return { outcomes };
    if (outcome !== 'timeout') await sleep(REPOST_PAUSES_MS[outcomes.length - 1] ?? REPOST_PAUSES_MS.at(-1));
  }
}

/** By the id of the message that they reply to. */
function firstArrivals(requests: readonly RecordedRequest[], isMeant: (activity: WireActivity) => boolean): ReadonlyMap<string, number> {
  const arrivals = new Map<string, number>();
  for (const { method, text, receivedAtMs } of requests) {
    if (method !== 'POST' && method !== 'PUT') continue;
    const activity = JSON.parse(text) as WireActivity; // the bot's; the fake has read it too
    const id = textOf(activity.replyToId);
    if (!arrivals.has(id) && isMeant(activity)) arrivals.set(id, receivedAtMs - performance.timeOrigin);
  }
  return arrivals;
}

const wordsOf = ({ text, summary }: ShownActivity): string => textOf(text) || textOf(summary);

function toShown(conversation: string, activity: ShownActivity): Shown & { readonly text: string } {
  const seen = seenIn(textOf(activity.text));
  return { conversation, answers: textOf(activity.replyToId), text: wordsOf(activity), ...(seen && { seen }) };
}
