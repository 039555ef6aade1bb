import type { Activity } from 'botbuilder';
import { z } from 'zod';

const mentionShape = z.object({
  type: z.literal('mention'),
  mentioned: z.object({ id: z.string(), name: z.string().nullish() }),
  text: z.string().nullish(),
});

type Mention = z.infer<typeof mentionShape>;

/** True when somebody mentions the bot itself. */
export function mentionsBot(activity: Partial<Activity>): boolean {
  return ownMentions(activity).length > 0;
}

/**
 * The text without the mentions of the bot at its beginning and end, trimmed; '' where there is none. Total, whatever
 * the entities look like (no text, no name, the bot mentioned twice); other people's mentions stay.
 * botbuilder's removeRecipientMention leaves tags in, or throws, on these.
 */
export function textWithoutOwnMention(activity: Partial<Activity>): string {
  const text = trim(withoutTagCharacters(activity.text));
  const own = ownMentions(activity).map(toPattern);
  if (own.length === 0) return text;
  const edges = new RegExp(`^(?:(?:${own.join('|')})${SPACE}*)+|(?:${SPACE}*(?:${own.join('|')}))+$`, 'gu');
  return trim(text.replace(edges, ''));
}

function ownMentions(activity: Partial<Activity>): readonly Mention[] {
  const botId = activity.recipient?.id;
  const entities: readonly unknown[] = Array.isArray(activity.entities) ? activity.entities : [];
  return entities
    .map((entity) => mentionShape.safeParse(entity).data)
    .filter((mention): mention is Mention => mention !== undefined && mention.mentioned.id === botId);
}

/** How the mention stands in the text: as it says, else as Teams writes it. */
function toPattern(mention: Mention): string {
  const text = mention.text?.trim();
  if (text) return escape(text);
  const name = mention.mentioned.name?.trim();
  return `<at[^>]*>${name ? escape(name) : '[^<]*'}</at>`;
}

/** White space, no-break and zero-width spaces included. */
const SPACE = String.raw`[\s\u200B\u2060\uFEFF]`;
const EDGES = new RegExp(`^${SPACE}+|${SPACE}+$`, 'gu');
const trim = (text: string): string => text.replace(EDGES, '');

/** Unicode tag characters are invisible to people and readable to models: they are dropped everywhere. */
const withoutTagCharacters = (text: unknown): string => (typeof text === 'string' ? text.replace(/[\u{E0000}-\u{E007F}]/gu, '') : '');

const escape = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
