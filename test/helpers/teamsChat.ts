import { randomUUID } from 'node:crypto';
import type { ConversationType, ShownActivity } from './channelConversation';
import type { ParleyHost } from './parley';

export interface TeamsChatOptions {
  readonly type?: ConversationType;
  /** One that exists already; else a new one. */
  readonly id?: string;
  readonly locale?: string;
  readonly tenantId?: string;
}

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly aadObjectId: string;
}

export const ada: Person = { id: '29:ada', name: 'Ada', aadObjectId: '00000000-0000-0000-0000-00000000ada0' };
export const ben: Person = { id: '29:ben', name: 'Ben', aadObjectId: '00000000-0000-0000-0000-00000000be00' };
export const cleo: Person = { id: '29:cleo', name: 'Cleo', aadObjectId: '00000000-0000-0000-0000-00000000c1e0' };

type Wire = Readonly<Record<string, unknown>>;

let lastMessage = Date.parse('2026-10-01T09:00:00Z');

/** A conversation in Teams: signed calls to the bot, as Teams makes them, and what people see there. */
export function openTeamsChat({ url, teams, identity, settled }: ParleyHost, { type = 'personal', id: known, locale = 'en-US', tenantId = 'tenant' }: TeamsChatOptions = {}) {
  const id = known ?? teams.open({ id: newId(type), type });
  const bot = { id: `28:${identity?.account.appId ?? 'bot'}`, name: 'Parley' };
  const mention = { type: 'mention', mentioned: bot, text: '<at>Parley</at>' };

  /** A call as it is; gives the answer of the endpoint. */
  async function call(activity: Wire, headers: Readonly<Record<string, string>> = {}): Promise<{ readonly status: number; readonly body: unknown }> {
    const token = await identity?.signToken({ serviceUrl: teams.serviceUrl });
    const response = await fetch(`${url}/api/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token !== undefined && { authorization: `Bearer ${token}` }), ...headers },
      body: JSON.stringify(activity),
    });
    const text = await response.text();
    return { status: response.status, body: text.startsWith('{') ? (JSON.parse(text) as unknown) : text };
  }

  /** An activity of this conversation; messages get ids as Teams gives them: the time in milliseconds. */
  function activity(kind: string, more: Wire = {}, from: Person = ada): Wire & { readonly id: string } {
    lastMessage += 1_000;
    return {
      type: kind,
      id: kind === 'message' ? String(lastMessage) : `f:${randomUUID()}`,
      timestamp: new Date(lastMessage).toISOString(),
      channelId: 'msteams',
      serviceUrl: teams.serviceUrl,
      from,
      recipient: bot,
      conversation: { id, conversationType: type, tenantId, ...(type !== 'personal' && { isGroup: true }) },
      channelData: { tenant: { id: tenantId } },
      locale,
      ...more,
    };
  }

  /** Hands an activity over without waiting for what comes of it. Throws when the bot does not take it. */
  async function deliver(sent: Wire): Promise<void> {
    const { status } = await call(sent);
    if (status !== 200) throw new Error(`The bot answered ${status} to an activity of type ${String(sent.type)}.`);
  }

  /** Hands an activity over; gives the messages that are new or changed once the bot has done with it. */
  async function exchange(sent: Wire): Promise<readonly ShownActivity[]> {
    const before = new Map(teams.activities(id).map((shown) => [shown.id, JSON.stringify(shown)]));
    await deliver(sent);
    await settled();
    return teams.activities(id).filter((shown) => before.get(shown.id) !== JSON.stringify(shown));
  }

  const toBot = (text: string): Wire => (type === 'personal' ? { text } : { text: `<at>Parley</at> ${text}`, entities: [mention] });

  return {
    id,
    bot,
    mention,
    call,
    activity,
    deliver,
    exchange,
    /** Says something to the bot; in groups with a mention. */
    say: (text: string, more: Wire = {}, from?: Person) => exchange(activity('message', { textFormat: 'plain', ...toBot(text), ...more }, from)),
    /** Says something that is not meant for the bot. */
    chatter: async (text: string, from?: Person) => {
      const sent = activity('message', { text }, from);
      return { sent, shown: await exchange(sent) };
    },
    /** Presses a button: Teams sends its data. */
    click: (data: unknown, from?: Person) => exchange(activity('message', { value: data, replyToId: teams.activities(id).at(-1)?.id }, from)),
    invoke: (name: string, value: unknown, from?: Person) => call(activity('invoke', { name, value }, from)),
    /** The bot is added: Teams tells it twice. */
    install: () => Promise.all([
      call(activity('installationUpdate', { action: 'add' })),
      call(activity('conversationUpdate', { membersAdded: [bot, ada] })),
    ]),
    shown: () => teams.activities(id),
    settled,
    /** Bodies that the bot sent to this conversation, oldest first. */
    sent: () => teams.requests
      .filter(({ path, method }) => path.includes(`/conversations/${encodeURIComponent(id)}/`) && method !== 'GET')
      .map(({ text }) => JSON.parse(text) as Wire),
  };
}

export type TeamsChat = ReturnType<typeof openTeamsChat>;

function newId(type: ConversationType): string {
  if (type === 'personal') return `a:1${randomUUID()}`;
  return `19:${randomUUID().replaceAll('-', '')}@thread.${type === 'channel' ? 'tacv2' : 'v2'}`;
}
