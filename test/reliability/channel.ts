import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import type { ConversationType, ShownActivity } from '../helpers/channelConversation';
import { startFakeConnector, type FakeConnector } from '../helpers/fakeConnector';
import { startFakeIdentity, type FakeIdentity } from '../helpers/fakeIdentity';
import { textOf } from '../helpers/channelRules';
import { seenIn } from './attentiveModel';
import { checkHistory, type Finding, type Said, type Shown } from './history';

/** A message that was sent, and what came of its deliveries. */
export interface Delivery extends Said {
  /** From the first delivery to the first 200. */
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
  /** Deliveries at most; further ones follow only where there was no 200. */
  readonly maxDeliveries?: number;
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
  /** Says something; resolves when the bot took it, or after the last delivery. */
  say(conversation: string, text: Text, options?: SayOptions): Promise<Delivery>;
  /** Answers that stand in a conversation now, in their order; what is still being written is none. */
  answers(conversation: string): readonly (Shown & { readonly text: string })[];
  /** Resolves when everything that was acknowledged is answered; rejects after `limitMs` with how many are missing. */
  allAnswered(limitMs: number): Promise<void>;
  /** What is wrong with everything that was said and shown. `numbers`: places by message id, where known. */
  check(numbers?: ReadonlyMap<string, number>): readonly Finding[];
  close(): Promise<void>;
}

export interface ChannelOptions {
  /** Where messages are posted, as it is at that time. */
  readonly botUrl: () => string;
  /** Tells an answer from a word that stands in its place until it comes. */
  readonly isAnswer?: (text: string) => boolean;
}

export type Outcome = number | 'timeout' | 'failed';
export type Wire = Readonly<Record<string, unknown>> & { readonly id: string };

/** "Teams re-posts a turn > 15 s": https://github.com/MicrosoftDocs/msteams-docs/issues/6084 */
const REPOST_AFTER_MS = 15_000;
const REPOST_PAUSE_MS = 1_000;
const TENANT = '0c1b2a3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d';
const LOOK_EVERY_MS = 100;

export async function startChannel({ botUrl, isAnswer = () => true }: ChannelOptions): Promise<Channel> {
  const identity = await startFakeIdentity();
  const teams = await startFakeConnector();
  const agent = new Agent({ connections: 1_024, pipelining: 1, keepAliveTimeout: 60_000 });
  const token = await identity.signToken({ serviceUrl: teams.serviceUrl });
  const deliveries: Delivery[] = [];
  const opened = new Set<string>();

  const open = (id: string, type: ConversationType): void => {
    if (!opened.has(id)) teams.open({ id, type });
    opened.add(id);
  };
  const message: Channel['message'] = (conversation, text, { type = 'personal', channelId = 'msteams', more = {} } = {}) => {
    open(conversation, type);
    return { ...wireMessage({ conversation, text, type, channelId, serviceUrl: teams.serviceUrl, appId: identity.account.appId }), ...more };
  };
  const post: Channel['post'] = (activity) => deliver(`${botUrl()}/api/messages`, activity, token, agent);
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
    say: async (conversation, text, options = {}) => {
      const index = deliveries.length;
      const activity = message(conversation, text, options);
      const saidAtMs = performance.now();
      const started = { conversation, id: activity.id, saidAtMs, ackMs: undefined, outcomes: [] };
      deliveries.push(started);
      const outcomes = await deliverUntilTaken(() => post(activity), options.maxDeliveries ?? Infinity);
      const now = performance.now();
      const delivery = outcomes.at(-1) === 200 ? { ...started, outcomes, acknowledgedAtMs: now, ackMs: now - saidAtMs } : { ...started, outcomes };
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
    check: (numbers) => {
      const said = deliveries.map((delivery) => ({ ...delivery, ...(numbers?.has(delivery.id) && { number: numbers.get(delivery.id) ?? 0 }) }));
      return checkHistory({ said, shown: [...opened].flatMap((conversation) => answers(conversation)) });
    },
    close: async () => {
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

async function deliver(url: string, activity: object, token: string, agent: Agent): Promise<Outcome> {
  const signal = AbortSignal.timeout(REPOST_AFTER_MS);
  try {
    const { statusCode, body } = await request(url, {
      method: 'POST', headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' }, body: JSON.stringify(activity), dispatcher: agent, signal,
    });
    await body.dump();
    return statusCode;
  } catch {
    return signal.aborted ? 'timeout' : 'failed';
  }
}

/** What is not taken comes again: at once after a time-out, a little later after a failure. A refusal (4xx) is final. */
async function deliverUntilTaken(post: () => Promise<Outcome>, maxDeliveries: number): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (;;) {
    const outcome = await post();
    outcomes.push(outcome);
    if (outcomes.length >= maxDeliveries || (typeof outcome === 'number' && outcome < 500)) return outcomes;
    if (outcome !== 'timeout') await sleep(REPOST_PAUSE_MS);
  }
}

const wordsOf = ({ text, summary }: ShownActivity): string => textOf(text) || textOf(summary);

function toShown(conversation: string, activity: ShownActivity): Shown & { readonly text: string } {
  const seen = seenIn(textOf(activity.text));
  return { conversation, answers: textOf(activity.replyToId), text: wordsOf(activity), ...(seen && { seen }) };
}
