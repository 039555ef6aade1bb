import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { DirectLineAttachment } from '../../state/directLine';
import type { IncomingActivity } from './activities';

/** Path of an uploaded file. The id is a secret that only the conversation's members see: no token is needed to read it. */
export const ATTACHMENT_PATH = '/v3/directline/attachments';

export const newAttachmentId = (): string => randomBytes(24).toString('base64url');

export const attachmentUrl = (baseUrl: string, conversationId: string, attachmentId: string): string =>
  `${baseUrl}${ATTACHMENT_PATH}/${encodeURIComponent(conversationId)}/${attachmentId}`;

/** Which file an address of ours names; the host in it does not matter, since it may change behind a proxy. */
export function parseAttachmentUrl(contentUrl: string): { readonly conversationId: string; readonly attachmentId: string } | undefined {
  const path = URL.parse(contentUrl)?.pathname ?? '';
  const [, conversationId, attachmentId] = /^\/v3\/directline\/attachments\/([\w-]+)\/([\w-]+)$/.exec(path) ?? [];
  return conversationId !== undefined && attachmentId !== undefined ? { conversationId, attachmentId } : undefined;
}

interface AttachedFile {
  readonly name: string;
  readonly contentType: string;
  readonly contentUrl: string;
}

/**
 * The activity with uploaded files attached: a file takes the place of the attachment of its name that has no content
 * (so DirectLineJS describes each file that it sends), else it comes at the end.
 */
export function attachTo(activity: IncomingActivity, files: readonly AttachedFile[]): IncomingActivity {
  if (files.length === 0) return activity;
  const waiting = [...files];
  const described = (activity.attachments ?? []).flatMap((attachment) => {
    if (typeof attachment.contentUrl === 'string' || attachment['content'] !== undefined) return [attachment];
    const index = waiting.findIndex((file) => file.name === attachment.name);
    return waiting.splice(index, index < 0 ? 0 : 1).map((file) => ({ ...attachment, ...toAttachment(file) }));
  });
  return { ...activity, attachments: [...described, ...waiting.map(toAttachment)] };
}

const toAttachment = ({ name, contentType, contentUrl }: AttachedFile) => ({ contentType, contentUrl, name });

/** Types that a browser may show in place; everything else is saved. Uploads come from strangers and share our origin. */
const inlineTypes = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp']);

/** Answers with the file's bytes. */
export function sendAttachment(response: ServerResponse, file: DirectLineAttachment): void {
  const disposition = inlineTypes.has(file.contentType) ? 'inline' : 'attachment';
  response.writeHead(200, {
    'Content-Type': file.contentType,
    'Content-Length': file.bytes.length,
    'Content-Disposition': `${disposition}; filename*=UTF-8''${encodeExtended(file.name)}`,
    'Content-Security-Policy': `default-src 'none'; sandbox`,
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'private, no-store',
  });
  response.end(file.bytes);
}

/** encodeURIComponent leaves some characters that RFC 8187 does not allow. */
const encodeExtended = (name: string): string =>
  encodeURIComponent(name.toWellFormed()).replace(/['()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
