import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { Activity, Attachment } from 'botbuilder';
import { request } from 'undici';
import { z } from 'zod';
import type { IncomingFile } from '../dialogs/turn';
import { FileError } from '../threads/error';

export interface FileOptions {
  readonly maxBytes: number;
  /** The bytes behind an address of our own Direct Line; undefined for others. */
  readonly readOwn: (contentUrl: string) => Promise<{ readonly bytes: Uint8Array } | undefined>;
}

const TEAMS_FILE = 'application/vnd.microsoft.teams.file.download.info';
const FETCH_LIMIT_MS = 20_000;

const teamsFile = z.object({ downloadUrl: z.url(), fileType: z.string().optional() });

/** The files of a message: uploads of web chats, files of Teams' personal chats. Cards and the HTML twin of a Teams message are none. */
export function filesOf(activity: Partial<Activity>, options: FileOptions): readonly IncomingFile[] {
  const attachments: readonly Attachment[] = Array.isArray(activity.attachments) ? activity.attachments : [];
  return attachments.map((attachment) => toFile(attachment, options)).filter((file) => file !== undefined);
}

function toFile(attachment: Attachment, options: FileOptions): IncomingFile | undefined {
  const { contentType, contentUrl } = attachment;
  const name = attachment.name ?? '';
  if (contentType === TEAMS_FILE) {
    const { data } = teamsFile.safeParse(attachment.content);
    return data && { name, contentType, read: (signal) => download(data.downloadUrl, options.maxBytes, signal) };
  }
  if (!contentUrl || /^(text\/html|application\/vnd\.microsoft\.card\.)/.test(contentType) && !name) return undefined;
  return { name, contentType, read: (signal) => readContent(contentUrl, options, signal) };
}

async function readContent(contentUrl: string, options: FileOptions, signal: AbortSignal): Promise<Uint8Array> {
  const own = await options.readOwn(contentUrl);
  const bytes = own?.bytes ?? (contentUrl.startsWith('data:') ? decodeDataUrl(contentUrl) : await download(contentUrl, options.maxBytes, signal));
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

/** Where Teams and the Bot Framework keep files. Nothing is fetched from anywhere else. */
const FILE_HOSTS = [/\.sharepoint\.(com|us|cn)$/, /\.sharepoint-df\.com$/, /\.1drv\.com$/, /\.botframework\.com$/, /^smba\.trafficmanager\.net$/, /\.svc\.ms$/];

async function download(address: string, maxBytes: number, signal: AbortSignal): Promise<Uint8Array> {
  if (!URL.canParse(address)) throw new FileError('unavailable', 'The address of the file is none.');
  const url = new URL(address);
  if (url.protocol !== 'https:' || !FILE_HOSTS.some((host) => host.test(url.hostname))) {
    throw new FileError('unavailable', `Files are not fetched from ${url.hostname}.`);
  }
  await refusePrivateAddress(url.hostname);
  try {
    return await fetchBytes(url, maxBytes, AbortSignal.any([signal, AbortSignal.timeout(FETCH_LIMIT_MS)]));
  } catch (error) {
    throw error instanceof FileError ? error : new FileError('unavailable', `${url.hostname} did not give the file.`, { cause: error });
  }
}

/** Redirects are not followed: undici does not, unless told. */
async function fetchBytes(url: URL, maxBytes: number, signal: AbortSignal): Promise<Uint8Array> {
  const response = await request(url, { signal });
  if (response.statusCode !== 200) {
    await response.body.dump();
    throw new FileError('unavailable', `${url.hostname} answered ${response.statusCode}.`);
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response.body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const PRIVATE = /^(0\.|10\.|127\.|169\.254\.|172\.(1[6-9]|2\d|3[01])\.|192\.168\.|::1?$|f[cd]|fe80:)/i;

async function refusePrivateAddress(hostname: string): Promise<void> {
  const { address } = isIP(hostname) ? { address: hostname } : await lookup(hostname).catch(() => ({ address: '' }));
  if (address === '' || PRIVATE.test(address)) throw new FileError('unavailable', `${hostname} has no public address.`);
}

const tooLarge = (maxBytes: number): FileError => new FileError('too-large', `The file is larger than ${Math.round(maxBytes / 1024 / 1024)} MB.`, { limitBytes: maxBytes });
