import { CardFactory, type Activity, type Attachment, type Entity } from 'botbuilder';
import type { Origin, Source } from '../ai/engine';
import type { AdaptiveCard } from '../cards/adaptiveCard';
import { cleanLine, webUrl } from '../cards/escape';

/** Teams shows three suggested actions at most (learn.microsoft.com, "Conversation basics"). */
const MAX_CHOICES = 3;
const MAX_CHOICE_LENGTH = 80; // characters
/** Limits of Teams for citations: learn.microsoft.com, "Bot messages with AI-generated content". */
const MAX_CITATIONS = 20;
const MAX_NAME_LENGTH = 80;
const MAX_ABSTRACT_LENGTH = 160;
/** Characters of one message: twice as many bytes in UTF-16, half of what Teams takes (100 KB), so that the rest fits beside. */
const MAX_TEXT_LENGTH = 20_000;

export function textMessage(text: string): Partial<Activity> {
  return { type: 'message', text };
}

/** A text with likely answers; a click says the answer. */
export function withChoices(text: string, choices: readonly string[]): Partial<Activity> {
  const actions = choices.slice(0, MAX_CHOICES).map((choice) => ({ type: 'imBack', title: cleanLine(choice, MAX_CHOICE_LENGTH), value: choice }));
  return { ...textMessage(text), ...(actions.length > 0 && { suggestedActions: { to: [], actions } }) };
}

/** A card; `text` stands for it in notifications, in the message log and where cards are not known. */
export function cardMessage(card: AdaptiveCard, text: string): Partial<Activity> {
  return { type: 'message', summary: text, attachments: [cardAttachment(card)] };
}

export function cardAttachment(card: AdaptiveCard): Attachment {
  return CardFactory.adaptiveCard(card);
}

/**
 * The one schema.org Message entity of an answer: label "AI-generated" (only where a model wrote it), citations, and
 * thumbs for Web Chat. `answerId` comes back with the feedback, which names no message of its own.
 */
export function answerEntity(origin: Origin, sources: readonly Source[], answerId: string): Entity {
  return {
    type: 'https://schema.org/Message',
    '@type': 'Message',
    '@context': 'https://schema.org',
    '@id': '', // Web Chat takes the entity for the message itself only so
    ...(origin === 'ai' && { additionalType: ['AIGeneratedContent'] }),
    ...(sources.length > 0 && { citation: sources.slice(0, MAX_CITATIONS).map(toClaim) }),
    potentialAction: ['LikeAction', 'DislikeAction'].map((type) => ({
      '@type': type,
      '@id': `${type}:${answerId}`,
      actionStatus: 'PotentialActionStatus',
    })),
  };
}

function toClaim(source: Source, index: number): unknown {
  const url = webUrl(source.message.url);
  return {
    '@type': 'Claim',
    position: index + 1,
    appearance: {
      '@type': 'DigitalDocument',
      name: cleanLine(source.title, MAX_NAME_LENGTH) || `${index + 1}`,
      ...(url && { url }),
      abstract: cleanLine(source.quote, MAX_ABSTRACT_LENGTH),
    },
  };
}

/** Markdown link definitions `[1]: url "title"`: Web Chat shows citations only where these are in the text too. */
export function linkDefinitions(sources: readonly Source[]): string {
  return sources.slice(0, MAX_CITATIONS).map(toDefinition).filter(Boolean).join('\n');
}

function toDefinition({ message, title }: Source, index: number): string {
  const url = webUrl(message.url);
  return url ? `[${index + 1}]: ${url.replaceAll(' ', '%20')} "${cleanLine(title, MAX_NAME_LENGTH).replace(/["\\]/g, '')}"` : '';
}

/** A long text in messages that every channel takes: cut between paragraphs, lines or words, nothing left out. */
export function textParts(text: string): readonly string[] {
  const parts: string[] = [];
  let rest = text;
  while (rest.length > MAX_TEXT_LENGTH) {
    const end = cutBefore(rest, MAX_TEXT_LENGTH);
    parts.push(rest.slice(0, end).trimEnd());
    rest = rest.slice(end).trimStart();
  }
  return rest === '' ? parts : [...parts, rest];
}

function cutBefore(text: string, limit: number): number {
  for (const gap of ['\n\n', '\n', ' ']) {
    const index = text.lastIndexOf(gap, limit);
    if (index > limit / 2) return index;
  }
  const isInsidePair = /[\uD800-\uDBFF]/.test(text[limit - 1] ?? '');
  return isInsidePair ? limit - 1 : limit;
}
