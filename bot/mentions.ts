import type { Activity } from 'botbuilder';
import { z } from 'zod';

const mentionShape = z.object({
  type: z.literal('mention'),
  mentioned: z.object({ id: z.string(), name: z.string().nullish() }),
  text: z.string().nullish(),
});

type Mention = z.infer<typeof mentionShape>;

/** More in one message is no conversation, and each one costs a search. */
const MAX_MENTIONS = 50;
const MAX_MENTION_LENGTH = 300; // characters

/** True when somebody mentions the bot itself. */
export function mentionsBot(activity: Partial<Activity>): boolean {
  return ownMentions(activity).length > 0;
}

/**
 * The text without the mentions of the bot at its beginning and end, trimmed; '' where there is none. Between words the
 * bot's name stays. Total, whatever the entities look like (no text, no name, the bot mentioned twice), and as quick for
 * any text; other people's mentions stay. botbuilder's removeRecipientMention leaves tags in, or throws, on these.
 */
export function textWithoutOwnMention(activity: Partial<Activity>): string {
  const text: unknown = activity.text;
  if (typeof text !== 'string') return '';
  const own = ownMentions(activity);
  if (own.length === 0) return trim(text);
  const parts = text.split(new RegExp(own.map(toPattern).join('|'), 'giu'));
  const first = parts.findIndex((part) => trim(part) !== '');
  if (first < 0) return '';
  const said = parts.slice(first, parts.findLastIndex((part) => trim(part) !== '') + 1);
  const words = trim(said.join(own[0]?.mentioned.name?.trim() ?? ''));
  return first > 0 ? trim(words.replace(/^[,:;]+/, '')) : words; // "<at>Parley</at>, help"
}

function ownMentions(activity: Partial<Activity>): readonly Mention[] {
  const botId = plainId(activity.recipient?.id);
  const entities: readonly unknown[] = Array.isArray(activity.entities) ? activity.entities.slice(0, MAX_MENTIONS) : [];
  return entities
    .filter(isMention) // most entities tell of the device, and to refuse them costs more than to look
    .map((entity) => mentionShape.safeParse(entity).data)
    .filter((mention): mention is Mention => mention !== undefined && botId !== '' && plainId(mention.mentioned.id) === botId);
}

const isMention = (entity: unknown): boolean => typeof entity === 'object' && entity !== null && 'type' in entity && entity.type === 'mention';

/** Teams writes the bot's id as "28:<app id>", with either case of letters. */
const plainId = (id: unknown): string => (typeof id === 'string' ? id.toLowerCase().replace(/^28:/, '') : '');

/** How the mention may stand in the text: as it says, or as Teams writes it, with attributes, as HTML, or name for name. */
function toPattern({ text, mentioned }: Mention): string {
  const said = text?.trim().slice(0, MAX_MENTION_LENGTH) ?? '';
  const name = mentioned.name?.trim().slice(0, MAX_MENTION_LENGTH) || /^<at\b[^<>]*>([^<>]*)<\/at>$/i.exec(said)?.[1]?.trim();
  const tag = String.raw`<at\b[^<>]{0,300}>\s{0,20}${name ? loosely(name) : '[^<>]{0,300}'}\s{0,20}</at>`;
  return said === '' ? tag : `${loosely(said)}|${tag}`;
}

/** The same words, whatever kind of space is between them, and composed, decomposed or escaped for HTML. */
function loosely(text: string): string {
  const forms = [text, text.normalize('NFC'), text.normalize('NFD')].flatMap((form) => [form, escapeHtml(form)]);
  return `(?:${[...new Set(forms)].map((form) => form.split(/\s+/).map(escape).join(String.raw`(?:\s|&nbsp;){1,5}`)).join('|')})`;
}

const htmlSigns: Readonly<Record<string, string>> = { '&': '&amp;', '"': '&quot;', "'": '&#39;' };
const escapeHtml = (text: string): string => text.replace(/[&"']/g, (sign) => htmlSigns[sign] ?? sign);

/** Without white space and invisible signs at the ends. A loop: the same as a regular expression takes seconds for a long gap. */
function trim(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && BLANK.test(text.charAt(start))) start += 1;
  while (end > start && BLANK.test(text.charAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

/** White space, no-break and zero-width spaces, and marks of writing direction, which Teams and keyboards put around words. */
const BLANK = /[\s\u200B\u200E\u200F\u061C\u202A-\u202E\u2060\u2066-\u2069\uFEFF]/;

const escape = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
