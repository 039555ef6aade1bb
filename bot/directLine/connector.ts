import type { Activity, ChannelAccount } from 'botbuilder';
import { StateError } from '../../state/database';
import type { DirectLineStore } from '../../state/directLine';
import { ConnectorError, type Connector } from '../connector/connector';
import { outboxIdOf, shownFromBot, type ShownActivity } from './activities';
import { newConversationId, newLiveId } from './conversations';
import type { Streams } from './streams';

export interface DirectLineConnectorOptions {
  readonly store: DirectLineStore;
  readonly streams: Streams;
  readonly botId: string;
}

/** Types that clients never get. */
const unseenTypes = new Set(['trace', 'conversationUpdate', 'installationUpdate', 'invokeResponse']);

/** Where the bot's replies go: into the stored conversation and to open streams. */
export function createDirectLineConnector(options: DirectLineConnectorOptions): Connector {
  const { store, streams, botId } = options;
  return {
    send: (conversationId, activity) => translate(() => send(options, conversationId, activity)),
    update: (conversationId, activityId, activity) => translate(async () => {
      const isKnown = await store.replace(conversationId, activityId, (stored) =>
        JSON.stringify(shownFromBot(activity, { id: activityId, conversationId, botId, timestamp: timestampOf(stored) })));
      if (!isKnown) throw gone('message');
      streams.notify(conversationId);
    }),
    told: (conversationId) => streams.told(conversationId),
    delete: (conversationId, activityId) => translate(async () => {
      if (!(await store.remove(conversationId, activityId))) throw gone('message');
      streams.notify(conversationId);
    }),
    members: (conversationId) => translate(() => members(options, conversationId)),
    member: (conversationId, memberId) => translate(async () => {
      const member = (await members(options, conversationId)).find(({ id }) => id === memberId);
      if (!member) throw gone('member');
      return member;
    }),
    meeting: () => Promise.reject(new ConnectorError('bad-request', 'Direct Line has no meetings.')),
    team: () => Promise.reject(new ConnectorError('bad-request', 'Direct Line has no teams.')),
    createConversation: ({ members: [first] = [] }) => translate(async () => {
      if (!first) throw new ConnectorError('bad-request', 'A Direct Line conversation needs a member.');
      const conversationId = newConversationId();
      await store.start(conversationId, first);
      return conversationId;
    }),
  };
}

async function send({ store, streams, botId }: DirectLineConnectorOptions, conversationId: string, activity: Partial<Activity>): Promise<string> {
  const liveId = streamIdOf(activity) ?? newLiveId(conversationId);
  if (unseenTypes.has(activity.type ?? '')) return liveId;
  if (activity.type === 'typing') {
    streams.showLive(conversationId, JSON.stringify(inItsPlace(shownFromBot(activity, { id: liveId, conversationId, botId }))));
    return liveId;
  }
  const outboxId = outboxIdOf(activity);
  const kept = await store.append(conversationId, {
    ...(outboxId !== undefined && { idempotencyKey: `outbox:${outboxId}` }),
    isDelivered: true,
    toJson: (id) => JSON.stringify(shownFromBot(activity, { id, conversationId, botId })),
  });
  if (!kept) throw gone('conversation');
  streams.notify(conversationId); // also of what was there before: whoever sent it first may have died before it told anybody
  return kept.activityId;
}

/**
 * Web Chat 4.18.1 takes the first chunk of a stream, which names no stream yet, for one of the first stream that it has
 * seen, and shows the whole answer up there. A place that is written beside it is kept to.
 */
function inItsPlace(shown: ShownActivity): ShownActivity {
  const { channelData, timestamp } = shown;
  if (typeof channelData !== 'object' || channelData === null || !('streamType' in channelData)) return shown;
  return { ...shown, channelData: { ...channelData, 'webchat:sequence-id': Date.parse(String(timestamp)) } };
}

/**
 * A stream has the id of its first chunk. It is made of what is answered: when a process dies over an answer, the next one's
 * stream goes on in the same place, and no half answer stays beside the whole one.
 */
function streamIdOf({ channelData, replyToId }: Partial<Activity>): string | undefined {
  const { streamType, streamId } = (channelData ?? {}) as { readonly streamType?: unknown; readonly streamId?: unknown }; // any JSON
  return streamType === undefined || streamId !== undefined || replyToId === undefined ? undefined : `${replyToId}|live`;
}

async function members({ store }: DirectLineConnectorOptions, conversationId: string): Promise<readonly ChannelAccount[]> {
  const conversation = await store.conversation(conversationId);
  if (!conversation) throw gone('conversation');
  return [{ id: conversation.userId, name: conversation.userName ?? '', role: 'user' }];
}

function timestampOf(json: string): string {
  // We wrote this JSON ourselves, with a timestamp.
  return (JSON.parse(json) as { readonly timestamp: string }).timestamp;
}

const gone = (what: string): ConnectorError => new ConnectorError('gone', `Direct Line has no such ${what}.`, { status: 404 });

async function translate<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    throw new ConnectorError('unavailable', 'The Direct Line store did not answer.', { cause: error });
  }
}
