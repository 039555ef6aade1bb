import { TurnContext, type Activity, type CloudAdapter, type ResourceResponse } from 'botbuilder';
import type { AuthenticateRequestResult } from 'botframework-connector';
import { wordsFor } from '../../cards/words';
import { bindTurn, type Turn } from '../../dialogs/turn';
import { StateError } from '../../state/database';
import type { InboxRow, OutboxRow, TurnStore } from '../../state/turns';
import { channelOf } from '../channels';
import { readDocument, writeDocument, type ConversationDocument } from './document';
import { nextSequence } from './keys';
import type { FinalReply } from './liveReply';
import { logEffects } from './messageLog';
import { buildTurn, localeOf, TurnRecord, type TurnServices } from './turn';

/** What the bot does with one turn; it may change the document. */
export type BotLogic = (turn: Turn, document: ConversationDocument) => Promise<void>;

export interface RunnerOptions extends TurnServices {
  readonly adapter: CloudAdapter;
  /** What botbuilder needs to know of the caller; the host has checked him before. */
  readonly caller: AuthenticateRequestResult;
  readonly store: TurnStore;
  readonly bot: BotLogic;
}

/** Typing is shown when a turn takes longer than people take for "at once", and again before Teams lets it fade. */
const TYPING_AFTER_MS = 200;
const TYPING_EVERY_MS = 3_000;
const MAX_CONFLICTS = 3;

/** Puts an activity on disk whose turn takes longer; false where it was there before. Throws StateError. */
export type Keep = () => Promise<boolean>;

/** A turn that is done by then reaches the disk together with its activity, in one commit instead of two. */
const KEEP_AFTER_MS = 50;

/**
 * Runs one activity and commits what comes of it. Gives the rows to deliver. Without `keep`, the activity is on disk.
 * Throws StateError when nothing could be committed; `duplicate` where the activity was answered, or accepted, before.
 */
export async function runTurn(row: InboxRow, options: RunnerOptions, keep?: Keep): Promise<readonly OutboxRow[]> {
  for (let conflicts = 0; ; conflicts += 1) {
    try {
      return await runOnce(row, options, keep);
    } catch (error) {
      if (!(error instanceof StateError && error.code === 'conflict') || conflicts === MAX_CONFLICTS) throw error;
    }
  }
}

async function runOnce(row: InboxRow, options: RunnerOptions, keep?: Keep): Promise<readonly OutboxRow[]> {
  const activity = JSON.parse(row.activity) as Activity; // written by accept
  const stored = await options.store.document(row.conversationKey);
  const record = new TurnRecord();
  const before = stored.json;
  const conversing = converse(activity, before, record, options);
  if (keep) await keepIfSlow(conversing, record, keep);
  const document = await conversing;
  const replies = record.stop.signal.aborted ? [] : record.replies.map((reply, index) => ({ ...reply, id: `${row.activityId}:${index}` }));
  const outbox = replies.map((reply) => toOutboxRow(row, activity, reply));
  const after = document && writeDocument(document);
  await options.store.commit({
    inbox: row,
    document: after === undefined || after === before ? undefined : { expectedVersion: stored.version, json: after },
    outbox,
    effects: [...record.effects, ...(record.isForgotten ? [] : logEffects(row, activity, replies))],
  });
  for (const step of record.afterCommit) await step();
  return outbox;
}

async function keepIfSlow(conversing: Promise<unknown>, record: TurnRecord, keep: Keep): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  record.kept = promise;
  try {
    if (await endsWithin(conversing, KEEP_AFTER_MS)) return;
    if (!(await keep())) throw new StateError('duplicate', 'The activity was accepted before.');
  } catch (error) {
    record.stop.abort(); // nobody may see this turn
    throw error;
  } finally {
    resolve(undefined);
  }
}

async function endsWithin(work: Promise<unknown>, limitMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, limitMs, false);
  });
  const isDone = await Promise.race([work.then(() => true), late]);
  clearTimeout(timer);
  return isDone;
}

/** Lets the bot answer. Gives the changed document; undefined after an error: what was stored stays, and the person reads a sentence. */
async function converse(activity: Activity, json: string | undefined, record: TurnRecord, options: RunnerOptions): Promise<ConversationDocument | undefined> {
  const typing = showTyping(activity, record, options);
  try {
    const document = readDocument(json);
    await inContext(activity, record, options, async (turn) => {
      await options.bot(turn, document);
    });
    return document;
  } catch (error) {
    if (record.stop.signal.aborted) return undefined;
    options.log.error({ err: error, activityId: activity.id, channelId: activity.channelId }, 'turn failed');
    await apologize(activity, record);
    return undefined;
  } finally {
    typing.stop();
  }
}

/** Runs `logic` in a TurnContext whose replies are collected in `record` instead of being sent. */
export async function inContext(activity: Activity, record: TurnRecord, options: RunnerOptions, logic: (turn: Turn) => Promise<void>): Promise<void> {
  let failure: Error | undefined;
  await options.adapter.processActivityDirect(options.caller, activity, async (context) => {
    try {
      context.onSendActivities(async (_context, activities, next) => collect(activities, record, next));
      const turn = await buildTurn(context, record, options);
      bindTurn(turn);
      await logic(turn);
    } catch (error) {
      failure = error instanceof Error ? error : new Error('The bot threw something that is no error.', { cause: error }); // processActivityDirect would flatten it into a string
    }
  });
  if (failure) throw failure;
}

async function collect(activities: readonly Partial<Activity>[], record: TurnRecord, next: () => Promise<ResourceResponse[]>): Promise<ResourceResponse[]> {
  if (activities.every(({ type }) => type === 'invokeResponse' || type === 'typing')) return next();
  for (const activity of activities) record.replies.push({ kind: 'send', targetId: undefined, activity });
  return activities.map(() => ({ id: '' }));
}

/** One sentence with a next step takes the place of whatever the failed turn wanted to say or do. */
async function apologize(activity: Activity, record: TurnRecord): Promise<void> {
  record.replies.length = 0;
  record.effects.length = 0;
  record.afterCommit.length = 0;
  if (activity.type !== 'message') return;
  const sentence = { type: 'message', text: wordsFor(localeOf(activity)).host.unexpected };
  if (record.liveReply?.isOpen) return record.liveReply.finish(sentence);
  const reference = TurnContext.getConversationReference(activity);
  record.replies.push({ kind: 'send', targetId: undefined, activity: TurnContext.applyConversationReference(sentence, reference) });
}

function toOutboxRow(row: InboxRow, activity: Activity, reply: FinalReply & { readonly id: string }): OutboxRow {
  return {
    conversationKey: row.conversationKey,
    id: reply.id,
    sequence: nextSequence(),
    kind: reply.kind,
    targetId: reply.targetId,
    serviceUrl: activity.serviceUrl,
    activity: JSON.stringify(withChannelData(reply.activity, reply.id)),
  };
}

/** Web clients get a key by which they, and the embedded Direct Line, recognise a repeated delivery; Teams offers thumbs under what AI wrote. */
function withChannelData(activity: Partial<Activity>, outboxId: string): Partial<Activity> {
  const outbox = activity.channelId === 'directline' && { outboxId };
  const feedback = channelOf(activity).feedbackLoop && isFromAI(activity) && { feedbackLoop: { type: 'default' } };
  if (!outbox && !feedback) return activity;
  return { ...activity, channelData: { ...(activity.channelData as object | undefined), ...outbox, ...feedback } };
}

const isFromAI = ({ entities = [] }: Partial<Activity>): boolean =>
  entities.some(({ additionalType }) => Array.isArray(additionalType) && additionalType.includes('AIGeneratedContent'));

function showTyping(activity: Activity, record: TurnRecord, options: RunnerOptions): { stop(): void } {
  if (activity.type !== 'message' || !channelOf(activity).typing) return { stop: () => undefined };
  const post = (): void => {
    timer = setTimeout(post, TYPING_EVERY_MS);
    if (record.liveReply?.isOpen) return;
    const typing = TurnContext.applyConversationReference({ type: 'typing' }, TurnContext.getConversationReference(activity));
    // Typing is a courtesy: if it cannot be shown the answer still comes.
    options.connectorFor(activity.serviceUrl).send(activity.conversation.id, typing).catch(() => undefined);
  };
  let timer = setTimeout(post, TYPING_AFTER_MS);
  return { stop: () => clearTimeout(timer) };
}
