import type { Activity, Attachment, Entity } from 'botbuilder';
import { z } from 'zod';
import { withoutStreamMarks } from '../connector/streamMarks';
import { cutText } from './cutText';
import { spreadAttachments } from './splitCard';

/** Size as Teams counts it: the whole message in UTF-16 (https://learn.microsoft.com/microsoftteams/platform/bots/how-to/format-your-bot-messages). */
export const messageBytes = (activity: Partial<Activity>): number => 2 * JSON.stringify(activity).length;

/**
 * A reply as messages of at most `limitBytes` each, itself where it fits; always the same for the same reply. Text comes
 * first, then cards; citations and mentions stay with the text that they belong to, and what AI wrote is labelled in
 * each part. The first part ends the stream, if any; feedback and suggested actions come with the last.
 * What cannot be cut (a picture in the message, say) stays larger than the limit.
 */
export function splitReply(activity: Partial<Activity>, limitBytes: number): readonly Partial<Activity>[] {
  if (messageBytes(activity) <= limitBytes) return [activity];
  const { text = '', attachments = [], ...shell } = withShortSummary(activity);
  const room = Math.max(SMALLEST_ROOM, limitBytes / 2 - messageBytes(shell) / 2 - PROPERTY_NAMES);
  const contents = inOrder(cutText(text, room), spreadAttachments(attachments, room), room);
  if (contents.length < 2) return [activity];
  const firstCard = contents.findIndex(({ attachments: cards }) => cards !== undefined);
  return contents.map((content, index) => {
    const place: Place = { isFirst: index === 0, isLast: index === contents.length - 1, hasSummary: index === firstCard, index };
    return toPart(shell, content, place);
  });
}

/** Of text or cards, in a message with much around them. */
const SMALLEST_ROOM = 1_000;
/** `"text":"","attachments":[],` and the number in an outbox id. */
const PROPERTY_NAMES = 64;

interface Content {
  readonly text?: string;
  readonly attachments?: Attachment[];
}

interface Place {
  readonly isFirst: boolean;
  readonly isLast: boolean;
  readonly hasSummary: boolean;
  readonly index: number;
}

const MAX_SUMMARY_LENGTH = 1_000;

/** It says again what the cards say, for notifications. */
function withShortSummary(activity: Partial<Activity>): Partial<Activity> {
  const { summary } = activity;
  if (typeof summary !== 'string' || summary.length <= MAX_SUMMARY_LENGTH) return activity;
  return { ...activity, summary: `${summary.slice(0, MAX_SUMMARY_LENGTH - 1).toWellFormed()}…` };
}

/** The last text and the first cards share a message where they fit. */
function inOrder(texts: readonly string[], cards: readonly (readonly Attachment[])[], room: number): readonly Content[] {
  const contents: Content[] = [...texts.map((text) => ({ text })), ...cards.map((attachments) => ({ attachments: [...attachments] }))];
  const shared = { ...contents[texts.length - 1], ...contents[texts.length] };
  if (texts.length === 0 || cards.length === 0 || JSON.stringify(shared).length > room) return contents;
  return contents.toSpliced(texts.length - 1, 2, shared);
}

function toPart({ entities, suggestedActions, summary, ...shell }: Partial<Activity>, content: Content, place: Place): Partial<Activity> {
  const part: Partial<Activity> = {
    ...shell,
    ...(place.hasSummary && summary !== undefined && { summary }),
    ...content,
    ...(entities && { entities: entities.flatMap((entity) => entityIn(entity, content.text ?? '', place)) }),
    ...(isRecord(shell.channelData) && { channelData: channelDataIn(shell.channelData, place) }),
    ...(place.isLast && suggestedActions && { suggestedActions }),
  };
  return place.isFirst ? part : withoutStreamMarks(part);
}

const citationsShape = z.array(z.looseObject({ position: z.number() }));

function entityIn(entity: Entity, text: string, { isFirst, isLast }: Place): Entity[] {
  if (entity.type === 'mention') return typeof entity['text'] === 'string' && text.includes(entity['text']) ? [entity] : [];
  if (entity.type !== 'https://schema.org/Message') return isFirst ? [entity] : [];
  const { citation, potentialAction, ...label } = entity as Entity & { readonly citation?: unknown; readonly potentialAction?: unknown };
  const cited = (citationsShape.safeParse(citation).data ?? []).filter(({ position }) => text.includes(`[${position}]`));
  return [{ ...label, ...(cited.length > 0 && { citation: cited }), ...(isLast && potentialAction !== undefined && { potentialAction }) }];
}

function channelDataIn({ outboxId, feedbackLoop, feedbackLoopEnabled, ...channelData }: Readonly<Record<string, unknown>>, { isFirst, isLast, index }: Place): object {
  return {
    ...channelData,
    ...(typeof outboxId === 'string' && { outboxId: isFirst ? outboxId : `${outboxId}+${index}` }),
    ...(isLast && feedbackLoop !== undefined && { feedbackLoop }),
    ...(isLast && feedbackLoopEnabled !== undefined && { feedbackLoopEnabled }),
  };
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null;
