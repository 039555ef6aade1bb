import type { Activity, Attachment } from 'botbuilder';
import { z } from 'zod';
import { TEAMS_VOICE_MESSAGE } from '../dialogs/recording';
import type { IncomingFile } from '../dialogs/turn';
import type { DocumentReader } from '../threads/documentReader';
import { FileError } from '../threads/error';
import { tooLarge, type Download } from './download';

export interface FileOptions {
  readonly maxBytes: number;
  /** The bytes behind an address of our own Direct Line; undefined for others. */
  readonly readOwn: (contentUrl: string) => Promise<{ readonly bytes: Uint8Array } | undefined>;
  readonly download: Download;
  readonly parse: DocumentReader['read'];
}

const TEAMS_FILE = 'application/vnd.microsoft.teams.file.download.info';

const teamsFile = z.object({ downloadUrl: z.url(), fileType: z.string().optional() });

/** The files of a message: uploads of web chats, files of Teams' personal chats. Cards and the HTML twin of a Teams message are none. */
export function filesOf(activity: Partial<Activity>, options: FileOptions): readonly IncomingFile[] {
  const attachments: readonly Attachment[] = Array.isArray(activity.attachments) ? activity.attachments : [];
  const files = attachments.map((attachment) => toFile(attachment, options)).filter((file) => file !== undefined);
  return files.length === 0 && attachments.some(isVoiceMessage) ? [voiceMessage] : files;
}

/** In personal chats a card without a name, in channels an empty frame; neither leads to what was said. */
const isVoiceMessage = ({ contentType, name, content }: Attachment): boolean =>
  !name && (contentType === TEAMS_VOICE_MESSAGE || (contentType === 'text/html' && typeof content === 'string' && content.includes('schema.skype.com/InputExtension')));

const unreadable = (): Promise<never> => Promise.reject(new FileError('unavailable', 'Teams gives no bot the sound of a voice message.'));
const voiceMessage: IncomingFile = { name: '', contentType: TEAMS_VOICE_MESSAGE, read: unreadable, parse: unreadable };

function toFile(attachment: Attachment, options: FileOptions): IncomingFile | undefined {
  const { contentType, contentUrl } = attachment;
  const name = attachment.name ?? '';
  if (contentType === TEAMS_FILE) {
    const { data } = teamsFile.safeParse(attachment.content);
    return data && readable(name, contentType, options, (signal) => options.download(data.downloadUrl, options.maxBytes, signal));
  }
  if (!contentUrl || /^(text\/html|application\/vnd\.microsoft\.card\.)/.test(contentType) && !name) return undefined;
  return readable(name, contentType, options, (signal) => readContent(contentUrl, options, signal));
}

function readable(name: string, contentType: string, { parse }: FileOptions, read: IncomingFile['read']): IncomingFile {
  return { name, contentType, read, parse: async (signal) => parse({ name, contentType, bytes: await read(signal) }, signal) };
}

async function readContent(contentUrl: string, options: FileOptions, signal: AbortSignal): Promise<Uint8Array> {
  const own = await options.readOwn(contentUrl);
  const bytes = own?.bytes ?? (contentUrl.startsWith('data:') ? decodeDataUrl(contentUrl) : await options.download(contentUrl, options.maxBytes, signal));
  if (bytes.length > options.maxBytes) throw tooLarge(options.maxBytes);
  return bytes;
}

function decodeDataUrl(url: string): Uint8Array {
  const [head = '', data = ''] = url.split(',', 2);
  try {
    return head.endsWith(';base64') ? Buffer.from(data, 'base64') : Buffer.from(decodeURIComponent(data));
  } catch (error) {
    throw new FileError('unavailable', 'The data address of the file cannot be decoded.', { cause: error });
  }
}
