import { TurnContext, type Activity, type CloudAdapter, type ResourceResponse } from 'botbuilder';
import type { AuthenticateRequestResult } from 'botframework-connector';
import { wordsFor } from '../../cards/words';
import { bindTurn, type Turn } from '../../dialogs/turn';
import { quarantine, type Quarantined } from '../../state/quarantine';
import { StateError, type Write } from '../../state/database';
import { writePersonConversation } from '../../state/personConversations';
import type { Claimant, Head, InboxRow, OutboxRow, TurnStore } from '../../state/turns';
import { fenceAfter } from '../../state/turnWrites';
import { channelOf, isPersonal } from '../channels';
import { withoutStreamMarks } from '../connector/streamMarks';
import type { Metrics, TurnOutcome } from '../metrics';
import type { Tracing } from '../telemetry/tracing';
import { endsWithin } from './deadlines';
import { readDocument, writeDocument, type ConversationDocument } from './document';
import { askerOf, conversationKey, userKey } from './keys';
import type { FinalReply } from './liveReply';
import { logWrites } from './messageLog';
import { splitReply } from './split';
import { keepCalls, traceWrites } from './traces';
import { buildTurn, localeOf, TurnRecord, type TurnServices } from './turn';
import { endWhatIsOpen } from './unfinished';

/** What the bot does with one turn; it may change the document. */
export type BotLogic = (turn: Turn, document: ConversationDocument) => Promise<void>;

export interface RunnerOptions extends TurnServices {
  readonly adapter: CloudAdapter;
  /** What botbuilder needs to know of the caller; the host has checked him before. */
  readonly caller: AuthenticateRequestResult;
  readonly store: TurnStore;
  readonly metrics: Pick<Metrics, 'turnFinished' | 'sent' | 'callRepeated'>;
  readonly bot: BotLogic;
  /** Absent: nothing is traced. */
  readonly tracing?: Tracing;
}

/** Typing is shown when a turn takes longer than people take for "at once", and again before Teams lets it fade. */
const TYPING_AFTER_MS = 200;
const TYPING_EVERY_MS = 3_000;

/** A turn that is done by then reaches the disk together with its activity, in one commit instead of two. */
const CLAIM_AFTER_MS = 50;

/** One activity to be answered, and the right to do so. */
export interface TurnStart {
  readonly row: InboxRow;
  /** As it was read, or is held. */
  readonly head: Head;
  /** What a commit without a claim writes to `recent`. */
  readonly recent: string;
  /** Asked for when it commits: a lease that is counted from the beginning of a long turn would be over by then. */
  readonly claimant: () => Claimant;
  /** Puts the activity into the inbox and takes the lease; gives its fence. Absent: that is done. Throws StateError. */
  readonly claim?: () => Promise<number>;
  /** False while another process may have taken the conversation over. */
  readonly isHeld: () => boolean;
  /** False while replies of earlier turns are on their way. */
  readonly isNext: () => boolean;
}

export interface TurnResult {
  readonly outcome: TurnOutcome;
  readonly outbox: readonly OutboxRow[];
  /** As the commit left it: what was remembered of late, too, where the turn was not claimed. */
  readonly head: Partial<Head> & Pick<Head, 'document' | 'lastSequence' | 'fence'>;
}

/**
 * Runs one activity and commits what comes of it.
 * Throws StateError when nothing was committed: `conflict` where somebody else was first, `duplicate` where the activity
 * was answered, or accepted, before.
 */
export async function runTurn(start: TurnStart, options: RunnerOptions): Promise<TurnResult> {
  const { row, head } = start;
  const activity = JSON.parse(row.activity) as Activity; // written by accept
  let { fence } = head;
  const { claim } = start;
  const record = new TurnRecord(claim && (async () => void (fence = await claim())));
  prepare(record, start, options);
  const conversing = converse(activity, head.document, record, options);
  conversing.catch(() => undefined); // a claim may fail before it
  await claimIfSlow(conversing, record);
  const document = await conversing;
  if (record.isClaimed) await record.claim(); // throws where the turn came to nothing
  endWhatIsOpen(activity, record, options);
  const replies = repliesOf(record, row);
  const outbox = replies.flatMap((reply) => toParts(activity, reply)).map((part, position) => toOutboxRow(row, activity, part, position));
  const ownerWrites = document === undefined || record.isForgotten ? [] : noteOwner(activity, document);
  const after = document === undefined ? head.document : writeDocument(document);
  const claimant = start.claimant();
  const newest = await options.store.commit({
    conversationKey: row.conversationKey,
    activityId: row.activityId,
    sequence: row.sequence,
    claimant,
    basis: record.isClaimed ? { kind: 'accepted', fence } : { kind: 'new', head, recent: start.recent },
    document: after,
    outbox,
    log: [
      ...(record.isForgotten ? [] : logWrites(row, record.heardText === undefined ? activity : { ...activity, text: record.heardText }, replies)),
      ...ownerWrites,
      ...leaveTraces(activity, record, options),
    ],
    effects: record.effects,
  }).catch(async (error: unknown) => {
    await keepCalls(askerOf(activity), record.calls, options);
    throw error;
  });
  for (const step of record.afterCommit) await step();
  const kept = { document: record.isForgotten ? '' : after, lastSequence: newest };
  const outcome = outcomeOf(record, document);
  return { outcome, outbox, head: record.isClaimed ? { ...kept, fence } : { ...kept, fence: fenceAfter(head, claimant.owner), recent: start.recent } };
}

/** Whose conversation it is, where it is one person's; written when the document does not tell, or tells of somebody else. */
function noteOwner(activity: Activity, document: ConversationDocument): readonly Write[] {
  const ownerKey = userKey(activity);
  if (!isPersonal(activity) || document.ownerKey === ownerKey) return [];
  document.ownerKey = ownerKey;
  return [writePersonConversation(ownerKey, conversationKey(activity))];
}

/** What ends from now on is kept on its own. */
function leaveTraces(activity: Activity, record: TurnRecord, options: RunnerOptions): readonly Write[] {
  const asker = askerOf(activity);
  record.onLateCall = (report) => void keepCalls(record.isForgotten ? { ...asker, userKey: '' } : asker, [report], options);
  return traceWrites(asker, record);
}

function prepare(record: TurnRecord, start: TurnStart, { store, log }: RunnerOptions): void {
  record.placeholderId = start.row.placeholderId ?? undefined; // null where it was read
  record.mayShow = () => record.isClaimed && start.isHeld();
  record.isNext = start.isNext;
  record.onBegun = (id) => {
    // Without the note a crash leaves what was shown behind, beside the answer.
    store.notePlaceholder(start.row, id).catch((error: unknown) => log.warn({ err: error }, 'the beginning of a reply could not be noted'));
  };
}

async function claimIfSlow(conversing: Promise<unknown>, record: TurnRecord): Promise<void> {
  if (await endsWithin(conversing, CLAIM_AFTER_MS)) return;
  record.readAhead();
  await record.claim();
}

function repliesOf(record: TurnRecord, row: InboxRow): readonly (FinalReply & { readonly id: string })[] {
  if (record.stop.signal.aborted) return [];
  return record.replies.map((reply, index) => ({ ...reply, id: `${row.activityId}:${index}` }));
}

function outcomeOf(record: TurnRecord, document: ConversationDocument | undefined): TurnOutcome {
  if (record.stop.signal.aborted) return 'stopped';
  return document === undefined ? 'apologized' : 'answered';
}

/** Lets the bot answer. Gives the changed document; undefined after an error: what was stored stays, and the person reads a sentence. Throws StateError where the store is away. */
async function converse(activity: Activity, json: string, record: TurnRecord, options: RunnerOptions): Promise<ConversationDocument | undefined> {
  const typing = showTyping(activity, record, options);
  try {
    const { document, quarantined } = readDocument(json);
    if (quarantined) setAside(quarantined, activity, record, options);
    await inContext(activity, record, options, async (turn) => {
      await options.bot(turn, document);
    });
    return document;
  } catch (error) {
    if (isStoreAway(error)) throw error; // it is answered when the store is back
    if (record.stop.signal.aborted) return undefined;
    options.log.error({ err: error, activityId: activity.id, channelId: activity.channelId }, 'turn failed');
    await apologize(activity, record);
    return undefined;
  } finally {
    typing.stop();
    await record.liveReply?.end();
  }
}

const isStoreAway = (error: unknown): boolean => error instanceof StateError && error.code === 'unavailable';

/** Kept with the turn's commit: until the new document takes its place, the old one stays where it is. */
function setAside(quarantined: Quarantined, activity: Activity, record: TurnRecord, { log }: RunnerOptions): void {
  record.effects.push((queries) => quarantine(queries, conversationKey(activity), quarantined));
  log.warn({ conversationKey: conversationKey(activity), reason: quarantined.reason, length: quarantined.document.length }, 'stored conversation cannot be used and is set aside');
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
    } finally {
      record.end();
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

interface Part extends Omit<FinalReply, 'activity' | 'streamed'> {
  readonly id: string;
  readonly json: string;
}

/** A reply as messages that the channel takes; each has an id of its own, so that none is sent twice because of another. */
function toParts(asked: Activity, { id, activity, ...end }: FinalReply & { readonly id: string }): readonly Part[] {
  const whole = withChannelData(activity, id);
  const json = JSON.stringify(whole);
  const { maxMessageBytes } = channelOf(asked);
  if (2 * json.length <= maxMessageBytes) return [{ id, ...inItsPlace(whole, end, json) }];
  return splitReply(whole, maxMessageBytes).map((part, index) => (
    index === 0 ? { id, ...inItsPlace(part, end) } : { id: `${id}.${index}`, kind: 'send', targetId: undefined, json: JSON.stringify(part) }));
}

/** The end of a stream, or, where the channel would not take that for its end, what replaces it. */
function inItsPlace(part: Partial<Activity>, { kind, targetId, streamed }: Omit<FinalReply, 'activity'>, json = JSON.stringify(part)): Omit<Part, 'id'> {
  const isEnd = streamed === undefined || part.text?.startsWith(streamed) || streamed === '';
  return isEnd ? { kind, targetId, json } : { kind: 'update', targetId, json: JSON.stringify(withoutStreamMarks(part)) };
}

function toOutboxRow({ conversationKey, sequence }: InboxRow, { serviceUrl }: Activity, { id, kind, targetId, json }: Part, position: number): OutboxRow {
  return { conversationKey, id, sequence, position, kind, targetId, serviceUrl, activity: json };
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
    if (record.liveReply?.isShowing || record.stop.signal.aborted) return;
    const typing = TurnContext.applyConversationReference({ type: 'typing' }, TurnContext.getConversationReference(activity));
    // Typing is a courtesy: if it cannot be shown the answer still comes.
    options.connectorFor(activity.serviceUrl).send(activity.conversation.id, typing).catch(() => undefined);
  };
  let timer = setTimeout(post, TYPING_AFTER_MS);
  return { stop: () => clearTimeout(timer) };
}
