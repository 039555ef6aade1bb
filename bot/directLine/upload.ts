import type { IncomingMessage } from 'node:http';
import { Dicer } from '@fastify/busboy';
import { Collector } from '../bodyMemory';
import { HttpError, parseJson, readBody, readChunks } from '../readBody';
import { fileNameOf, mediaTypeOf, parseHeader } from './headerParameters';
import { serviceErrors } from './serviceError';

export interface UploadedFile {
  /** As the sender named it: untrusted. */
  readonly name: string;
  readonly contentType: string;
  readonly bytes: Buffer;
}

export interface Upload {
  /** JSON of the part `application/vnd.microsoft.activity`; undefined: only files were sent. */
  readonly activity: unknown;
  readonly files: readonly UploadedFile[];
}

export interface UploadLimits {
  /** All files together. */
  readonly maxFileBytes: number;
  readonly maxActivityBytes: number;
}

const ACTIVITY_TYPE = 'application/vnd.microsoft.activity';
const MAX_PARTS = 50;
/** Boundaries and headers of the parts. */
const FRAMING_BYTES = 64 * 1024;

/**
 * Reads an upload into memory, never onto disk: one file with Content-Type and Content-Disposition,
 * or multipart/form-data whose parts may lack a Content-Disposition (as in Microsoft's own example).
 * Throws HttpError 413 and 415, ServiceError 400.
 */
export async function readUpload(request: IncomingMessage, limits: UploadLimits): Promise<Upload> {
  const contentType = parseHeader(request.headers['content-type'] ?? '');
  if (contentType.value.startsWith('multipart/')) return readMultipart(request, contentType.parameters['boundary'], limits);
  const bytes = await readBody(request, limits.maxFileBytes);
  const name = fileNameOf(parseHeader(request.headers['content-disposition'] ?? '')) ?? 'file';
  return { activity: undefined, files: [{ name, contentType: mediaTypeOf(request.headers['content-type']), bytes }] };
}

async function readMultipart(request: IncomingMessage, boundary: string | undefined, limits: UploadLimits): Promise<Upload> {
  if (boundary === undefined || boundary.length > 200) throw serviceErrors.badArgument('The multipart body has no boundary');
  const parts = await readParts(request, boundary, limits.maxFileBytes + limits.maxActivityBytes + FRAMING_BYTES);
  const activityPart = parts.find(isActivity);
  const files = parts.filter((part) => !isActivity(part)).map(toFile);
  const fileBytes = files.reduce((sum, file) => sum + file.bytes.length, 0);
  if (fileBytes > limits.maxFileBytes || (activityPart?.bytes.length ?? 0) > limits.maxActivityBytes) throw serviceErrors.tooLarge();
  return { activity: activityPart && toActivity(activityPart.bytes), files };
}

interface Part {
  readonly headers: Readonly<Record<string, readonly string[]>>;
  readonly bytes: Buffer;
}

const isActivity = (part: Part): boolean => mediaTypeOf(part.headers['content-type']?.[0]) === ACTIVITY_TYPE;

function toFile(part: Part): UploadedFile {
  const name = fileNameOf(parseHeader(part.headers['content-disposition']?.[0] ?? '')) ?? 'file';
  return { name, contentType: mediaTypeOf(part.headers['content-type']?.[0]), bytes: part.bytes };
}

function toActivity(bytes: Buffer): unknown {
  try {
    return parseJson(bytes);
  } catch {
    throw serviceErrors.badArgument('The activity part is not valid JSON');
  }
}

async function readParts(request: IncomingMessage, boundary: string, maxBytes: number): Promise<readonly Part[]> {
  const parser = new Dicer({ boundary });
  const collected = collectParts(parser);
  // A failure while the body is still being read is reported by the await below.
  collected.catch(() => undefined);
  try {
    await readChunks(request, maxBytes, (chunk) => void parser.write(chunk));
    parser.end();
    return await collected;
  } catch (error) {
    parser.destroy();
    throw error instanceof HttpError ? error : serviceErrors.badArgument('The multipart body is malformed');
  }
}

/** Resolves with the parts in their order once the body's last boundary was seen. */
function collectParts(parser: Dicer): Promise<readonly Part[]> {
  const parts: Promise<Part>[] = [];
  return new Promise((resolve, reject) => {
    parser.on('part', (stream) => {
      parts.push(collectPart(stream));
      if (parts.length > MAX_PARTS) parser.destroy(new Error('Too many parts'));
    });
    parser.on('error', reject);
    // Dicer may finish before the last part has ended.
    parser.on('finish', () => resolve(Promise.all(parts)));
  });
}

function collectPart(stream: Dicer.PartStream): Promise<Part> {
  const content = new Collector();
  let headers: Part['headers'] | undefined;
  // Dicer gives each header as the list of its values, names in lower case.
  stream.on('header', (header) => void (headers = header as Part['headers']));
  stream.on('data', (chunk) => content.add(Buffer.from(chunk)));
  stream.on('error', () => undefined);
  return new Promise((resolve, reject) => {
    stream.on('end', () => {
      if (headers) resolve({ headers, bytes: content.bytes });
      else reject(new Error('A part has no headers'));
    });
  });
}
