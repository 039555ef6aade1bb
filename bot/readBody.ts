import type { IncomingMessage } from 'node:http';
import { soundValue } from '../state/soundText';
import { Collector, Room } from './bodyMemory';
import { Pace } from './pace';

/** The request cannot be served. `message` is constant text that may go into the answer. */
export class HttpError extends Error {
  override readonly name = 'HttpError';

  constructor(readonly status: number, readonly code: string, message: string) {
    super(message);
  }
}

/** How much more than allowed is read and thrown away where bot/hostGuard.ts does not stop it before. */
const DISCARD_FACTOR = 2;
const SMALL_BODY_BYTES = 1024 * 1024;
/** Of the whole process: each bounds what unfinished bodies of its kind may hold. */
const roomForMessages = new Room(32 * 1024 * 1024);
const roomForUploads = new Room(128 * 1024 * 1024);

/**
 * The request's body as it came over the wire, at most `maxBytes`.
 * Throws HttpError: 413 where it is larger, 415 for any Content-Encoding (restify's gunzip crashes the process on a broken
 * body, and its size limit counts compressed bytes: node-restify #1785), 408 where it comes too slowly, 503 where too
 * many bodies are on their way at once, 400 where the connection broke.
 */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const body = new Collector();
  await readChunks(request, maxBytes, (chunk) => body.add(chunk));
  return body.bytes;
}

/** Hands the body over piece by piece, never more than `maxBytes`. Throws HttpError as readBody does, and what `take` throws. */
export async function readChunks(request: IncomingMessage, maxBytes: number, take: (chunk: Buffer) => void): Promise<void> {
  checkHeaders(request, maxBytes);
  if (request.destroyed && !request.complete) throw endedEarly();
  const intake = new Intake(maxBytes, take);
  try {
    // Events, since an iterator costs a dozen promises, and nearly every body is one chunk.
    await new Promise<void>((resolve, reject) => {
      request.on('data', (chunk: Buffer) => attempt(() => intake.add(chunk), reject));
      request.on('end', resolve);
      request.on('error', () => reject(endedEarly()));
      request.on('close', () => {
        if (!request.complete) reject(endedEarly());
      });
      intake.pace.start(() => reject(new HttpError(408, 'too-slow', 'The body took too long.')));
    });
  } catch (error) {
    request.removeAllListeners('data');
    discardRest(request, maxBytes);
    throw error;
  } finally {
    intake.end();
  }
}

/** One body on its way in: its size, its speed and its share of the memory. */
class Intake {
  readonly pace = new Pace();
  private readonly room: Room;
  private size = 0;

  constructor(private readonly maxBytes: number, private readonly take: (chunk: Buffer) => void) {
    this.room = maxBytes > SMALL_BODY_BYTES ? roomForUploads : roomForMessages;
  }

  add(chunk: Buffer): void {
    if (this.size + chunk.length > this.maxBytes) throw tooLarge();
    if (!this.room.take(chunk.length)) throw new HttpError(503, 'busy', 'Please try again shortly.');
    this.size += chunk.length;
    this.pace.note(chunk.length);
    this.take(chunk);
  }

  end(): void {
    this.pace.stop();
    this.room.giveBack(this.size);
  }
}

function attempt(action: () => void, failed: (error: unknown) => void): void {
  try {
    action();
  } catch (error) {
    failed(error);
  }
}

/** Scripts that say nothing about their text send text/plain. Forms and their files are nothing that we read as JSON. */
const isJsonType = (contentType = ''): boolean => contentType === '' || /^(application\/([\w.-]+\+)?json|text\/(plain|json)|\*\/\*)\s*(;|$)/i.test(contentType.trim());

/** Body as JSON. An empty body gives undefined. Throws HttpError as readBody and parseJson do, and 415 for what says that it is no JSON. */
export async function readJson(request: IncomingMessage, maxBytes: number): Promise<unknown> {
  if (!isJsonType(request.headers['content-type'])) {
    discardRest(request, maxBytes);
    throw new HttpError(415, 'unsupported-type', 'The body has to be JSON.');
  }
  const body = await readBody(request, maxBytes);
  return body.length === 0 ? undefined : parseJson(body);
}

/** What comes in as JSON, its texts sound (state/soundText.ts). Throws HttpError 400 where it is not JSON or nested too deeply. */
export function parseJson(body: Buffer): unknown {
  const value = toValue(body);
  if (body.length > 2 * MAX_DEPTH && isTooDeep(value)) throw badJson();
  return mayBeUnsound(body) ? soundValue(value) : value;
}

/** NUL and lone surrogates can only come as escapes (\u0000); what is invisible begins with EF B8 or F3 A0 in UTF-8. */
const mayBeUnsound = (body: Buffer): boolean => body.includes('\\u') || body.includes(TAGS) || body.includes(SELECTORS);
const TAGS = Buffer.from([0xf3, 0xa0]);
const SELECTORS = Buffer.from([0xef, 0xb8]);

/** JSON.parse takes 100,000 levels; JSON.stringify, which keeps the activity, runs out of stack far earlier. */
const MAX_DEPTH = 1_000;

const badJson = (): HttpError => new HttpError(400, 'bad-json', 'The body is not valid JSON.');

function toValue(body: Buffer): unknown {
  try {
    return JSON.parse(utf8.decode(body)) as unknown;
  } catch {
    throw badJson();
  }
}

/** Level by level, since what is to be found is what recursion does not survive. */
function isTooDeep(value: unknown): boolean {
  let level = [value];
  for (let depth = 0; depth < MAX_DEPTH; depth += 1) {
    level = level.flatMap((each) => (typeof each === 'object' && each !== null ? Object.values(each) as unknown[] : []));
    if (level.length === 0) return false;
  }
  return true;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function checkHeaders(request: IncomingMessage, maxBytes: number): void {
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    discardRest(request, maxBytes);
    throw new HttpError(415, 'unsupported-encoding', 'Compressed bodies are not accepted.');
  }
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) {
    discardRest(request, maxBytes);
    throw tooLarge();
  }
}

const endedEarly = (): HttpError => new HttpError(400, 'aborted', 'The body ended early.');
const tooLarge = (): HttpError => new HttpError(413, 'too-large', 'The body is too large.');

function discardRest(request: IncomingMessage, maxBytes: number): void {
  let left = Math.max(maxBytes * DISCARD_FACTOR, SMALL_BODY_BYTES);
  request.on('error', () => undefined);
  request.on('data', (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) request.destroy();
  });
  request.resume();
}
