import { randomBytes, randomUUID } from 'node:crypto';
import type { Activity } from 'botbuilder';
import type { Logger } from 'pino';
import { StateError } from '../../state/database';
import type { Appended, DirectLineConversation, DirectLineStore } from '../../state/directLine';
import {
  clientActivityIdOf, conversationStart, shownFromUser, toBot, type IncomingActivity, type ShownActivity,
} from './activities';
import { activitySet, type ActivitySet } from './activitySet';
import { attachmentUrl, attachTo, newAttachmentId } from './attachments';
import type { Holds } from './holds';
import { serviceErrors } from './serviceError';
import type { Streams } from './streams';
import type { UploadedFile } from './upload';

export interface ConversationsOptions {
  readonly store: DirectLineStore;
  readonly streams: Streams;
  readonly holds: Holds;
  readonly botId: string;
  readonly serviceUrl: string;
  readonly log: Logger;
  readonly deliver: (activity: Activity) => Promise<void>;
}

export interface PostOptions {
  readonly userId: string;
  readonly files?: readonly UploadedFile[];
  /** Base of the files' addresses, without a slash at the end. */
  readonly baseUrl: string;
  /** Resolves when the post is answered, or its connection gone. */
  readonly answered: Promise<void>;
}

/** What clients do with conversations. All methods throw ServiceError or StateError. */
export interface Conversations {
  /** Starts it and tells the bot, or finds it: true when it is new. */
  start(conversationId: string, user: { readonly id: string; readonly name?: string }, locale: string | undefined): Promise<boolean>;
  /** Throws 404. */
  find(conversationId: string): Promise<DirectLineConversation>;
  /** Keeps the activity, shows it, hands it to the bot; gives its id. */
  post(conversationId: string, activity: IncomingActivity, options: PostOptions): Promise<string>;
  /** Hands the bot what it may not have: a process that ended between keeping a post and handing it on answered nobody. */
  deliverRest(conversationId: string): Promise<void>;
  /** What changed after number `after`. */
  history(conversationId: string, after: number): Promise<ActivitySet>;
}

const PAGE_SIZE = 100;

export const newConversationId = (): string => randomBytes(16).toString('base64url');

export function createConversations(options: ConversationsOptions): Conversations {
  const { store } = options;
  const deliveries = new Map<string, Promise<void>>();
  const find = async (conversationId: string): Promise<DirectLineConversation> => {
    const conversation = await store.conversation(conversationId);
    if (!conversation) throw serviceErrors.conversationNotFound();
    return conversation;
  };
  return {
    find,
    start: (conversationId, user, locale) => start(options, conversationId, user, locale),
    post: async (conversationId, activity, post) => {
      options.holds.hold(conversationId, post.answered);
      if (activity.type === 'typing') return postTyping(options, conversationId, activity, post.userId, find);
      const kept = await keep(options, conversationId, activity, post);
      await deliverOnce(options, deliveries, conversationId, kept);
      return kept.activityId;
    },
    deliverRest: async (conversationId) => {
      for (const kept of await store.undelivered(conversationId)) await deliverOnce(options, deliveries, conversationId, { ...kept, isDelivered: false });
    },
    history: async (conversationId, after) => {
      await options.holds.ready(conversationId);
      let page = activitySet(await store.changes(conversationId, after, PAGE_SIZE), after, { tellsRemovals: false });
      // An empty page tells clients that they are at the end: a page of removed activities alone is none.
      for (let from = after; page.activities.length === 0 && page.last > from;) {
        from = page.last;
        page = activitySet(await store.changes(conversationId, from, PAGE_SIZE), from, { tellsRemovals: false });
      }
      return page;
    },
  };
}

async function start(
  { store, botId, serviceUrl, deliver, log }: ConversationsOptions,
  conversationId: string,
  user: { readonly id: string; readonly name?: string },
  locale: string | undefined,
): Promise<boolean> {
  const isNew = await store.start(conversationId, user);
  if (!isNew) return false;
  try {
    await deliver(conversationStart(conversationId, user, { botId, serviceUrl, ...(locale !== undefined && { locale }) }));
  } catch (error) {
    // The conversation works without a greeting: the public service, too, starts it when the bot fails here.
    log.warn({ conversationId, error }, 'the bot did not take the start of a conversation');
  }
  return true;
}

/** Typing is shown to whoever is connected and is never kept. */
async function postTyping(
  { streams, botId, serviceUrl, deliver }: ConversationsOptions,
  conversationId: string,
  activity: IncomingActivity,
  userId: string,
  find: Conversations['find'],
): Promise<string> {
  await find(conversationId);
  const shown = shownFromUser(activity, { id: newLiveId(conversationId), conversationId, userId });
  streams.showLive(conversationId, JSON.stringify(shown));
  await deliver(toBot(shown, { botId, serviceUrl })).catch((error: unknown) => {
    throw serviceErrors.botFailed(error);
  });
  return shown.id;
}

/** Id of an activity that is not kept. */
export const newLiveId = (conversationId: string): string => `${conversationId}|live-${randomUUID()}`;

async function keep(
  { store, streams }: ConversationsOptions, conversationId: string, activity: IncomingActivity, { userId, files = [], baseUrl }: PostOptions,
): Promise<Appended> {
  const attachments = files.map((file) => ({ ...file, attachmentId: newAttachmentId() }));
  const withFiles = attachTo(activity, attachments.map((file) => ({ ...file, contentUrl: attachmentUrl(baseUrl, conversationId, file.attachmentId) })));
  const clientActivityId = clientActivityIdOf(activity);
  const kept = await store.append(conversationId, {
    ...(clientActivityId !== undefined && { idempotencyKey: `client:${userId}:${clientActivityId}` }),
    isDelivered: false,
    attachments,
    toJson: (id) => JSON.stringify(shownFromUser(withFiles, { id, conversationId, userId })),
  });
  if (!kept) throw serviceErrors.conversationNotFound();
  if (kept.isNew) streams.notify(conversationId);
  return kept;
}

type Kept = Omit<Appended, 'isNew'>;

/** A repeated post waits for the first one's delivery, or makes up for it where that failed. The bot knows repetitions by their id. */
async function deliverOnce(
  options: ConversationsOptions, deliveries: Map<string, Promise<void>>, conversationId: string, kept: Kept,
): Promise<void> {
  if (kept.isDelivered) return;
  const running = deliveries.get(kept.activityId) ?? deliverKept(options, conversationId, kept);
  deliveries.set(kept.activityId, running);
  try {
    await running;
  } catch (error) {
    throw error instanceof StateError ? error : serviceErrors.botFailed(error);
  } finally {
    deliveries.delete(kept.activityId);
  }
}

async function deliverKept(
  { store, botId, serviceUrl, deliver, log }: ConversationsOptions, conversationId: string, kept: Kept,
): Promise<void> {
  // We wrote this JSON ourselves.
  await deliver(toBot(JSON.parse(kept.json) as ShownActivity, { botId, serviceUrl }));
  // Nobody waits for the mark: without it a repeated post is handed to the bot again, which knows it by its id.
  store.markDelivered(conversationId, kept.activityId).catch((error: unknown) => {
    log.warn({ conversationId, activityId: kept.activityId, error }, 'a delivery could not be marked');
  });
}
