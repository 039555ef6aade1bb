import { z } from 'zod';
import { htmlText } from '../htmlText';
import type { Author, ThreadMessage, ThreadOmissionReason } from '../thread';

const text = z.string().nullish();
const identity = z.object({ id: text, displayName: text }).nullish().catch(undefined);

/** The parts of a chatMessage that are read: https://learn.microsoft.com/graph/api/resources/chatmessage */
export const chatMessageShape = z.object({
  id: z.string().min(1),
  replyToId: text,
  messageType: text,
  createdDateTime: z.iso.datetime({ offset: true }),
  lastEditedDateTime: text,
  deletedDateTime: text,
  subject: text,
  webUrl: text,
  from: z.object({ user: identity, application: identity }).nullish().catch(undefined),
  body: z.object({ contentType: text, content: text }).nullish(),
  attachments: z.array(z.object({ id: text, contentType: text, name: text, content: text })).nullish().catch(undefined),
  mentions: z.array(z.object({ id: z.number().nullish(), mentioned: z.object({ application: identity }).nullish() })).nullish().catch(undefined),
});

export type ChatMessage = z.infer<typeof chatMessageShape>;

/** Of which organisation and bot the messages are, and how they are named and opened. */
export interface MessageContext {
  /** The bot itself, whose words are counted and not read. */
  readonly appId: string;
  /** `author.id` of a person or a bot, the same as in the bot's own log. */
  readonly authorId: (of: { readonly directoryId: string } | { readonly appId: string }) => string;
  /** Where a person opens a message; `webUrl`: as Graph names it, unchecked. */
  readonly linkTo: (messageId: string, webUrl: string | undefined) => string | undefined;
}

/** What a message says, or why it says nothing. */
export function toThreadMessage(message: ChatMessage, context: MessageContext): ThreadMessage | ThreadOmissionReason {
  if (message.deletedDateTime) return 'deleted';
  if (message.messageType && message.messageType !== 'message') return 'system';
  if (isOwn(message, context)) return 'own';
  const said = textOf(message, context);
  if (said === '') return 'empty';
  const replyTo = quotedId(message) ?? message.replyToId ?? undefined;
  return {
    id: message.id,
    author: authorOf(message, context),
    createdAt: new Date(message.createdDateTime).toISOString(),
    text: said,
    ...editedAt(message),
    url: context.linkTo(message.id, message.webUrl ?? undefined),
    ...(replyTo !== undefined && { replyTo }),
  };
}

const isOwn = ({ from }: ChatMessage, { appId }: MessageContext): boolean => from?.application?.id?.toLowerCase() === appId.toLowerCase();

/** Whose account is gone has an id and no name. */
const UNKNOWN = 'Unknown';

function authorOf({ from }: ChatMessage, { authorId }: MessageContext): Author {
  const { user, application } = from ?? {};
  if (user?.id) return { id: authorId({ directoryId: user.id }), name: user.displayName?.trim() || UNKNOWN };
  if (application?.id) return { id: authorId({ appId: application.id }), name: application.displayName?.trim() || UNKNOWN };
  return { id: 'unknown', name: user?.displayName?.trim() || UNKNOWN };
}

function editedAt({ lastEditedDateTime }: ChatMessage): { readonly editedAt?: string } {
  const at = Date.parse(lastEditedDateTime ?? '');
  return Number.isNaN(at) ? {} : { editedAt: new Date(at).toISOString() };
}

function textOf(message: ChatMessage, context: MessageContext): string {
  const content = message.body?.content ?? '';
  const attachments = new Map((message.attachments ?? []).map((attachment) => [attachment.id ?? '', attachment]));
  const said = message.body?.contentType === 'text' ? content.trim() : htmlText(content, {
    attachment: (id) => attachmentText(attachments.get(id)),
    mention: (id, name) => (isOwnMention(message, id, context) || name === '' ? '' : `@${name}`),
  });
  const missing = [...attachments.values()].filter(({ id }) => !content.includes(`"${id ?? ''}"`)).map(attachmentText); // files are not always named in the text
  return [message.subject?.trim(), said, ...missing].filter(Boolean).join('\n').trim();
}

/** What people said to this bot begins with its name, which says nothing of the matter. */
function isOwnMention({ mentions }: ChatMessage, id: string, { appId }: MessageContext): boolean {
  return mentions?.find((mention) => String(mention.id) === id)?.mentioned?.application?.id?.toLowerCase() === appId.toLowerCase();
}

type Attachment = NonNullable<NonNullable<ChatMessage['attachments']>[number]>;

/** https://learn.microsoft.com/graph/api/resources/chatmessageattachment */
const QUOTED = 'messageReference';
const FORWARDED = 'forwardedMessageReference';

/** A file's name; words that were forwarded, as a quotation. Quoted ones are read where they stand: here they would be another person's. */
function attachmentText(attachment: Attachment | undefined): string {
  if (!attachment || attachment.contentType === QUOTED) return '';
  if (attachment.contentType === FORWARDED) return forwardedText(attachment.content ?? '');
  return attachment.name ? `[${attachment.name}]` : '';
}

const forwardedShape = z.object({ originalMessageContent: z.string().catch('') });

function forwardedText(content: string): string {
  const said = htmlText(parseJson(forwardedShape, content)?.originalMessageContent ?? '');
  return said === '' ? '' : `\n${said.split('\n').map((line) => `> ${line}`).join('\n')}\n`;
}

const quotedShape = z.object({ messageId: z.string().min(1) });

/** The message that this one quotes: as an attachment, or in clients of long ago as a quotation in the text. */
function quotedId({ attachments, body }: ChatMessage): string | undefined {
  const attachment = attachments?.find(({ contentType }) => contentType === QUOTED);
  if (attachment) return parseJson(quotedShape, attachment.content ?? '')?.messageId ?? attachment.id ?? undefined;
  const opening = /<blockquote\b[^>]{0,1000}schema\.skype\.com\/Reply[^>]{0,1000}>/i.exec(body?.content ?? '')?.[0];
  return /\bitemid="([^"]{1,100})"/i.exec(opening ?? '')?.[1];
}

function parseJson<T>(shape: z.ZodType<T>, json: string): T | undefined {
  try {
    return shape.safeParse(JSON.parse(json)).data;
  } catch {
    return undefined;
  }
}
