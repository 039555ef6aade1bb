import type { Activity } from 'botbuilder';
import { z } from 'zod';
import { textMessage } from '../dialogs/activities';
import { respond } from '../dialogs/response';
import type { Turn } from '../dialogs/turn';
import { isAddressed } from './addressed';
import { isMeetingEvent } from './meetings/meetingEvent';
import { createRateLimit, dropOldest } from './rateLimit';
import { conversationKey, userKey } from './turns/keys';

/** What the gate says of an activity. `notice` is said once a flood, to whoever caused it. */
export type Verdict =
  | { readonly kind: 'pass' }
  | { readonly kind: 'notice'; readonly flood: Flood; /** The notice could not be kept: it is due again. */ readonly takeBack: () => void }
  | { readonly kind: 'drop'; readonly flood: Flood };

export interface Flood {
  /** Who sent too much: one person, or all people of a conversation together. */
  readonly of: 'person' | 'conversation';
  /** When the bot reads on. */
  readonly seconds: number;
}

export interface FloodGate {
  judge(activity: Activity): Verdict;
}

export interface FloodOptions {
  /** Told of every message that is not read. */
  readonly onFlood?: (of: Flood['of']) => void;
  /** Messages a minute; Infinity: no limit. */
  readonly person: number;
  readonly conversation: number;
  readonly now?: () => number;
}

/** So long the bot reads nothing of whoever sent too much: what was used up is back by then. */
const PAUSE_MS = 20_000;
const BURSTS_PER_MINUTE = 60_000 / PAUSE_MS;
const MAX_PAUSES = 10_000;

/**
 * Tells people who talk from a flood: a third of a minute's messages may come at once, and then as many as the limit
 * lets through. Whoever sends more is told so once, and not read until the pause is over. In memory: each replica counts
 * for itself, and a restart forgets.
 */
export function createFloodGate({ person, conversation, onFlood, now = Date.now }: FloodOptions): FloodGate {
  const limits = [
    { of: 'person', keyOf: userKey, limit: createRateLimit({ perMinute: person, burst: burstOf(person), now }) },
    { of: 'conversation', keyOf: conversationKey, limit: createRateLimit({ perMinute: conversation, burst: burstOf(conversation), now }) },
  ] as const;
  const pausedUntil = new Map<string, number>();
  const judge = (activity: Activity): Verdict => {
    if (!isCounted(activity)) return { kind: 'pass' };
    for (const { of, keyOf, limit } of limits) {
      const key = `${of} ${keyOf(activity)}`;
      const leftMs = (pausedUntil.get(key) ?? 0) - now();
      if (leftMs > 0) return { kind: 'drop', flood: { of, seconds: toSeconds(leftMs) } };
      if (limit.take(key) === 0) continue;
      pausedUntil.set(key, now() + PAUSE_MS);
      dropOldest(pausedUntil, MAX_PAUSES);
      return { kind: 'notice', flood: { of, seconds: toSeconds(PAUSE_MS) }, takeBack: () => pausedUntil.delete(key) };
    }
    return { kind: 'pass' };
  };
  return {
    judge: (activity) => {
      const verdict = judge(activity);
      if (verdict.kind !== 'pass') onFlood?.(verdict.flood.of);
      return verdict;
    },
  };
}

/** How much may come at once. */
export const burstOf = (perMinute: number): number => Math.max(1, perMinute / BURSTS_PER_MINUTE);
const toSeconds = (milliseconds: number): number => Math.ceil(milliseconds / 1000);

/** A busy group is no flood: what is not meant for the bot costs a row. Nor are people who come and go, and what they delete. */
function isCounted(activity: Activity): boolean {
  if (activity.type === 'message' || activity.type === 'messageUpdate') return isAddressed(activity);
  return !isMeetingEvent(activity) && !['conversationUpdate', 'installationUpdate', 'messageDelete'].includes(activity.type);
}

type Accept = (activity: Activity) => Promise<void>;

/**
 * Stands before the turn engine: what is too much is not accepted, and the first message of a flood becomes the event
 * that the bot answers with a notice, so that it comes after the answers before it and survives a crash as they do.
 */
export function limitFloods(gate: FloodGate, accept: Accept): Accept {
  return async (activity) => {
    const verdict = gate.judge(activity);
    if (verdict.kind === 'drop') return;
    if (verdict.kind === 'pass') return accept(activity);
    try {
      await accept(toNotice(activity, verdict.flood));
    } catch (error) {
      verdict.takeBack();
      throw error;
    }
  };
}

const NOTICE = 'parley/flood';

/** The activity without what it said. */
function toNotice({ id, timestamp, channelId, serviceUrl, conversation, from, recipient, locale, channelData }: Activity, flood: Flood): Activity {
  const place = { id, timestamp, channelId, serviceUrl, conversation, from, recipient, ...(locale !== undefined && { locale }) };
  // An event has no more than these; the SDK's type asks for everything that any activity may have.
  return { ...place, channelData: tenantOf(channelData), type: 'event', name: NOTICE, value: flood } as unknown as Activity;
}

const tenantShape = z.object({ tenant: z.object({ id: z.string() }) });
const tenantOf = (channelData: unknown): object | undefined => tenantShape.safeParse(channelData).data;

const noticeShape = z.object({ type: z.literal('event'), name: z.literal(NOTICE), value: z.object({ of: z.enum(['person', 'conversation']), seconds: z.number() }) });

/** The flood that this turn is to tell of; undefined for every other turn. */
export const floodOf = (activity: Partial<Activity>): Flood | undefined =>
  activity.name === NOTICE ? noticeShape.safeParse(activity).data?.value : undefined;

/** What happened, and when to go on. */
export const floodSentence = (words: Turn['words'], { of, seconds }: Flood): string => words.host.flood[of](seconds);

export const tellFlood = (turn: Turn, flood: Flood): Promise<void> => respond(turn, textMessage(floodSentence(turn.words, flood)));
