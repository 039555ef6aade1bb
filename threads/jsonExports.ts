import { z } from 'zod';
import { assembleThread, MAX_MESSAGES, type ParsedMessage } from './assemble';
import { htmlText } from './htmlText';
import type { Thread, ThreadOmission, ThreadOmissionReason } from './thread';

/** How an export is recognised, and what one of its messages says, or why it says nothing. */
interface JsonExport {
  readonly isOne: (value: unknown) => readonly unknown[] | undefined;
  readonly read: (item: unknown) => ParsedMessage | ThreadOmissionReason;
}

/** A thread from a JSON file that a chat program exported; undefined where it is none of those known here. Throws FileError. */
export function readJsonExport(title: string, value: unknown): Thread | undefined {
  for (const { isOne, read } of exports) {
    const items = isOne(value)?.slice(0, MAX_MESSAGES + 1);
    if (!items) continue;
    const found = items.map(read);
    const messages = found.filter((message) => typeof message !== 'string').toSorted((one, other) => Date.parse(one.createdAt ?? '') - Date.parse(other.createdAt ?? ''));
    const omitted = countOmissions(found.filter((message) => typeof message === 'string'));
    return { ...assembleThread({ title, kind: 'chat', messages }), ...(omitted.length > 0 && { omitted }) };
  }
  return undefined;
}

function countOmissions(reasons: readonly ThreadOmissionReason[]): readonly ThreadOmission[] {
  return [...new Set(reasons)].map((reason) => ({ reason, count: reasons.filter((each) => each === reason).length }));
}

const text = z.string().nullish();

/** A day of a channel: https://slack.com/help/articles/220556107-How-to-read-Slack-data-exports */
const slackShape = z.object({
  type: z.literal('message'),
  subtype: text,
  ts: z.string().regex(/^\d{9,11}(?:\.\d+)?$/),
  text: z.string(),
  user: text,
  username: text,
  user_profile: z.object({ real_name: text, display_name: text }).nullish().catch(undefined),
});

const slack: JsonExport = {
  isOne: (value) => (Array.isArray(value) && value.length > 0 && slackShape.safeParse(value[0]).success ? value : undefined),
  read: (item) => {
    const { data } = slackShape.safeParse(item);
    if (!data) return 'unreadable';
    if (data.subtype && !SAID.has(data.subtype)) return 'system';
    const said = plainSlack(data.text);
    if (said === '') return 'empty';
    const author = data.user_profile?.real_name || data.user_profile?.display_name || data.username || data.user || 'Unknown';
    return { id: data.ts, author, createdAt: new Date(Number(data.ts) * 1_000).toISOString(), text: said };
  },
};

/** Kinds of messages that somebody said; the others tell who came and what was renamed. */
const SAID = new Set(['bot_message', 'me_message', 'thread_broadcast', 'file_share']);

/** Slack writes links and names in angle brackets: https://docs.slack.dev/messaging/formatting-message-text */
const plainSlack = (marked: string): string => marked
  .replace(/<(?:[@#!])([^|>]{1,200})(?:\|([^>]{0,200}))?>/g, (_whole, id: string, label: string | undefined) => `@${label || id}`)
  .replace(/<([a-z]{2,10}:[^|>\s]{1,2000})(?:\|([^>]{0,500}))?>/gi, (_whole, url: string, label: string | undefined) => (label ? `${label} (${url})` : url))
  .replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&').trim();

/** A list of chatMessage, as Graph and the export APIs of Teams give it: https://learn.microsoft.com/graph/api/resources/chatmessage */
const teamsShape = z.object({
  id: z.string().min(1),
  messageType: text,
  createdDateTime: z.iso.datetime({ offset: true }),
  deletedDateTime: text,
  from: z.object({ user: z.object({ displayName: text }).nullish(), application: z.object({ displayName: text }).nullish() }).nullish(),
  body: z.object({ contentType: text, content: text }),
});

const listShape = z.object({ value: z.array(z.unknown()).min(1) });

const teams: JsonExport = {
  isOne: (value) => {
    const items: readonly unknown[] | undefined = Array.isArray(value) ? value : listShape.safeParse(value).data?.value;
    return items?.length && teamsShape.safeParse(items[0]).success ? items : undefined;
  },
  read: (item) => {
    const { data } = teamsShape.safeParse(item);
    if (!data) return 'unreadable';
    if (data.deletedDateTime) return 'deleted';
    if (data.messageType && data.messageType !== 'message') return 'system';
    const said = data.body.contentType === 'text' ? (data.body.content ?? '').trim() : htmlText(data.body.content ?? '');
    const author = data.from?.user?.displayName || data.from?.application?.displayName || 'Unknown';
    return said === '' ? 'empty' : { id: data.id, author, createdAt: new Date(data.createdDateTime).toISOString(), text: said };
  },
};

const exports: readonly JsonExport[] = [slack, teams];
