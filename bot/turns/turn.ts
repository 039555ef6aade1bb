import { setTimeout as sleep } from 'node:timers/promises';
import { TurnContext, type Activity } from 'botbuilder';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { CallReport } from '../../ai/call';
import { wordsFor } from '../../cards/words';
import type { Grounds } from '../../dialogs/explanation';
import { historyTokens } from '../../dialogs/history';
import { isOnHost } from '../../dialogs/links';
import type { IncomingFile, LiveReply, Submit, Turn, UserSettings } from '../../dialogs/turn';
import { StateError, type Database, type Queries } from '../../state/database';
import { forgetKept } from '../../state/feedback';
import { erasePerson } from '../../state/erasePerson';
import { countPerson } from '../../state/exportPerson';
import { readSettings, writeSettings } from '../../state/users';
import { findThread, newThreadId, shelveThread, withLinks } from '../../threads/shelf';
import type { Thread } from '../../threads/thread';
import { channelOf, isPersonal, liveStyleOf } from '../channels';
import type { Connector } from '../connector/connector';
import { createMeetings } from '../meetings/meetings';
import { textWithoutOwnMention } from '../mentions';
import type { Budgets } from '../budgets';
import { TEAMS_HOSTS } from '../sources/links';
import { readLog } from '../sources/readLog';
import { logServices, sourcesOf, type SourceServices } from '../sources/sources';
import { createMemory } from '../memory/conversationMemory';
import type { MemoryKeeper } from '../memory/keeper';
import { personOf } from '../person';
import type { Engines } from '../model';
import { afterClaim } from './afterClaim';
import { startDeadline, type Deadline } from './deadlines';
import { askerOf, botKey } from './keys';
import { PacedReply, type FinalReply } from './liveReply';
import { createMediaShelf } from './mediaShelf';
import { rateAnswer } from './ratings';
import { readsOf } from './readAhead';
import { timeOf } from './sentAt';
import { parseSettings } from './settings';
import { explanationOf } from './traces';

/** A turn gives up after this time, models and all. */
const TURN_LIMIT_MS = 100_000;
const MEDIA_LIFETIME_MS = 7 * 24 * 60 * 60 * 1000;

export interface TurnServices {
  readonly database: Database;
  readonly engineFor: Engines['engineFor'];
  readonly connectorFor: (serviceUrl: string) => Connector;
  /** Base of the links that people open. */
  readonly publicUrl: () => string;
  /** See Turn; `hold-public` without it. */
  readonly withoutModeration?: Turn['withoutModeration'];
  /** How long pictures and recordings that were made here are kept; a week without it. */
  readonly mediaLifetimeMs?: number;
  /** What people have left; absent: nothing is limited. */
  readonly budgets?: Pick<Budgets, 'left'>;
  /** Hosts that a model's words may link to; none without it. */
  readonly linkHosts?: readonly string[];
  /** Takes notes of what was said between turns; nobody does without it. */
  readonly tendMemory?: MemoryKeeper['tend'];
  readonly filesOf: (activity: Partial<Activity>) => readonly IncomingFile[];
  /** Deletes what a channel of our own keeps about a conversation. */
  readonly forgetConversation: (activity: Partial<Activity>) => Promise<void>;
  /** Where a person fetches all that is kept about them; nowhere without it. */
  readonly dataUrl?: (userKey: string) => Promise<string>;
  /** What can be read besides the log; nothing without it. */
  readonly sources?: SourceServices;
  readonly log: Logger;
}

/** What a turn wants to happen once it has gone well. */
export class TurnRecord {
  readonly replies: FinalReply[] = [];
  readonly effects: ((queries: Queries) => Promise<unknown>)[] = [];
  readonly afterCommit: (() => Promise<void>)[] = [];
  /** Calls to models that have ended, in that order. */
  readonly calls: CallReport[] = [];
  /** What the answer stands on. */
  grounds: Grounds = {};
  /** Set once the turn is committed, or came to nothing: calls that end later. */
  onLateCall: ((report: CallReport) => void) | undefined;
  liveReply: PacedReply | undefined;
  /** What an earlier attempt at this turn began to show. */
  placeholderId: string | undefined;
  onBegun: (id: string) => void = () => undefined;
  /** False while another process may have taken the conversation over. */
  mayShow: () => boolean = () => true;
  /** False while replies of earlier turns are on their way. */
  isNext: () => boolean = () => true;
  /** The turn takes long: it reads what it will want side by side with what it waits for. */
  readAhead: () => void = () => undefined;
  /** The person asked to be forgotten: this turn's own words are not kept either. */
  isForgotten = false;
  /** The words of a voice note: those of the message for all that is kept of it. */
  heardText: string | undefined;
  readonly stop = new AbortController();
  private deadline: Deadline | undefined;
  private claiming: Promise<void> | undefined;

  /**
   * `claimTurn` puts the activity on disk and makes this process the one that answers it; absent where it is so already.
   * It throws where somebody else answers it, or nobody can.
   */
  constructor(private readonly claimTurn?: () => Promise<void>) {}

  /** What is visible, of this attempt or an earlier one, and has no end. */
  get openMessageId(): string | undefined {
    return this.liveReply ? this.liveReply.openMessageId : this.placeholderId;
  }

  /** Aborts when the turn is stopped, or takes too long. */
  get signal(): AbortSignal {
    this.deadline ??= startDeadline(TURN_LIMIT_MS, this.stop.signal);
    return this.deadline.signal;
  }

  /** The bot has said what it has to say. */
  end(): void {
    this.deadline?.end();
  }

  /** Somebody asked for the claim, so that the turn is committed as an accepted one. */
  get isClaimed(): boolean {
    return this.claimTurn === undefined || this.claiming !== undefined;
  }

  /**
   * Resolves when this is the one turn that answers the activity. Nothing is shown, and no model is asked, before:
   * it may turn out to be a second one. A claim that fails ends the turn.
   */
  claim(): Promise<void> {
    this.claiming ??= this.claimTurn?.().catch((error: unknown) => {
      this.stop.abort();
      throw error;
    });
    return this.claiming ?? Promise.resolve();
  }
}

/** Builds what the dialogs see of one activity. Reads the person's settings; everything else is read when asked for. */
export async function buildTurn(context: TurnContext, record: TurnRecord, services: TurnServices): Promise<Turn> {
  const { activity } = context;
  const owner = askerOf(activity);
  const given = services.engineFor(owner, (report) => (record.onLateCall ? record.onLateCall(report) : record.calls.push(report)));
  const engine = given.modelName === undefined ? given : afterClaim(given, record);
  const reads = readsOf(owner, services.database);
  record.readAhead = () => reads.ahead(historyTokens(engine));
  const settings = parseSettings(await readSettings(services.database, owner.userKey));
  record.readAhead = () => undefined; // the store answers: what is wanted is asked for
  const locale = settings.language ?? localeOf(activity);
  const withCommit = (effect: TurnRecord['effects'][number]): void => void record.effects.push(effect);
  const saveOwnSettings = async (next: UserSettings): Promise<void> => withCommit((queries) => saveSettings(queries, owner.userKey, next));
  return {
    context,
    text: textWithoutOwnMention(activity),
    files: services.filesOf(activity),
    submit: submitOf(activity),
    isPersonal: isPersonal(activity),
    replacesCards: channelOf(activity).execute,
    linkHosts: services.linkHosts ?? [],
    withoutModeration: services.withoutModeration ?? 'hold-public',
    settings,
    locale,
    words: wordsFor(locale),
    engine,
    calls: record.calls,
    explain: (grounds) => void (record.grounds = { ...record.grounds, ...grounds }),
    explanation: (activityId) => explanationOf(services.database, owner.conversationKey, activityId),
    allowances: async () => services.budgets?.left(owner) ?? [],
    transparencyUrl: `${services.publicUrl()}/transparency`,
    log: { thread: (limit) => readLog(services.database, activity, { limit }), botAuthorId: botKey(activity) },
    sources: sourcesOf(activity, services.sources ?? logServices(services.database, services.connectorFor)),
    memory: createMemory({
      database: services.database,
      reads,
      asker: owner,
      engine,
      locale,
      position: { at: timeOf(activity), id: activity.id ?? '' },
      linkTo: (messageId) => channelOf(activity).linkTo(activity, messageId),
      record,
      ...(services.tendMemory && { tend: services.tendMemory }),
    }),
    threads: { keep: async (thread) => keepThread(thread, owner, record, services), find: (id) => findThread(services.database, owner, id), recent: reads.threads },
    meetings: createMeetings({ activity, asker: owner, queries: services.database, connector: services.connectorFor(activity.serviceUrl), withCommit, settings, saveSettings: saveOwnSettings }),
    media: createMediaShelf({ activity, owner, record, publicUrl: services.publicUrl(), lifetimeMs: services.mediaLifetimeMs ?? MEDIA_LIFETIME_MS }),
    heard: (text) => void (record.heardText = text),
    get signal() {
      return record.signal;
    },
    reply: () => openReply(activity, record, services),
    saveSettings: saveOwnSettings,
    rate: (rating) => withCommit((queries) => rateAnswer(queries, owner, rating, locale)),
    myData: async () => ({ counts: await countPerson(services.database, personOf(owner.userKey)), url: await services.dataUrl?.(owner.userKey) }),
    forgetMe: async () => forgetMe(activity, owner, record, services),
  };
}

/** Whoever does not agree any more, or never did: what was kept goes. */
async function saveSettings(queries: Queries, userKey: string, settings: UserSettings): Promise<void> {
  const forgotten = settings.improvement === 'yes' ? undefined : forgetKept(queries, userKey);
  await Promise.all([writeSettings(queries, userKey, JSON.stringify(settings)), forgotten]);
}

/** The activity's locale where it is one; anything can come in from a web page. */
export function localeOf({ locale = 'en' }: Partial<Activity>): string {
  const known = canonicalLocales.get(locale);
  if (known !== undefined) return known;
  const canonical = toCanonical(locale);
  if (canonicalLocales.size < MAX_REMEMBERED_LOCALES) canonicalLocales.set(locale, canonical);
  return canonical;
}

/** More than there are in use: made-up ones must not fill the memory. */
const MAX_REMEMBERED_LOCALES = 500;
const canonicalLocales = new Map<string, string>();

function toCanonical(locale: string): string {
  try {
    return Intl.getCanonicalLocales(locale)[0] ?? 'en';
  } catch {
    return 'en';
  }
}

const submitShape = z.looseObject({ parley: z.object({ action: z.string(), values: z.record(z.string(), z.unknown()).optional() }) });

const invokeShape = z.object({ action: z.object({ data: z.unknown() }) });

/** The button or form of one of our cards that was used; undefined for anything else. */
export function submitOf(activity: Partial<Activity>): Submit | undefined {
  const value: unknown = activity.value;
  const parsed = submitShape.safeParse(activity.type === 'invoke' ? invokeShape.safeParse(value).data?.action.data : value);
  if (!parsed.success) return undefined;
  const { parley, ...inputs } = parsed.data;
  return { action: parley.action, values: { ...parley.values, ...inputs } };
}

function keepThread(thread: Thread, owner: { conversationKey: string; userKey: string }, record: TurnRecord, services: TurnServices): Thread {
  const kept = withLinks(thread, { id: newThreadId(), publicUrl: services.publicUrl(), isTrusted: (url) => isOnHost(url, [...TEAMS_HOSTS, ...(services.linkHosts ?? [])]) });
  record.effects.push((queries) => shelveThread(queries, owner, kept));
  return kept;
}

function openReply(activity: Activity, record: TurnRecord, services: TurnServices): LiveReply {
  const reference = TurnContext.getConversationReference(activity);
  const address = (reply: Partial<Activity>): Partial<Activity> => TurnContext.applyConversationReference({ ...reply }, reference);
  const connector = services.connectorFor(activity.serviceUrl);
  record.liveReply ??= new PacedReply({
    style: liveStyleOf(activity),
    post: async (reply, updateId) => {
      await record.claim();
      record.stop.signal.throwIfAborted();
      if (!record.mayShow()) throw new StateError('conflict', 'The lease has run out: somebody else may be answering.');
      if (updateId === undefined) return connector.send(activity.conversation.id, address(reply));
      await connector.update(activity.conversation.id, updateId, { ...address(reply), id: updateId });
      return updateId;
    },
    ...(record.placeholderId !== undefined && { messageId: record.placeholderId }),
    onBegun: (id) => record.onBegun(id),
    isNext: () => record.isNext(),
    onFinal: (reply) => record.replies.push({ ...reply, activity: address({ type: 'message', ...reply.activity }) }),
    onStopped: () => record.stop.abort(),
    log: services.log,
  });
  return record.liveReply;
}

function forgetMe(activity: Partial<Activity>, { conversationKey, userKey }: { conversationKey: string; userKey: string }, record: TurnRecord, services: TurnServices): void {
  const isOwn = isPersonal(activity);
  const webConversationId = isOwn && activity.channelId === 'directline' ? activity.conversation?.id : undefined;
  record.isForgotten = true;
  record.effects.push((queries) => erasePerson(queries, personOf(userKey), { from: { conversationKey, isOwn, ...(webConversationId !== undefined && { webConversationId }) } }));
  record.afterCommit.push(async () => {
    if (webConversationId !== undefined) {
      await untilTrue(() => record.isNext(), EARLIER_REPLIES_MS); // else they would come into the emptied chat
      await services.forgetConversation(activity);
    }
    await services.database.scrub();
  });
}

/** Earlier replies to a chat of our own take no time, but while the store is slow. */
const EARLIER_REPLIES_MS = 5_000;

async function untilTrue(isTrue: () => boolean, limitMs: number): Promise<void> {
  for (const endMs = Date.now() + limitMs; !isTrue() && Date.now() < endMs;) await sleep(20);
}
