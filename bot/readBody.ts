import type { IncomingMessage } from 'node:http';

/** The request cannot be served. `message` is constant text that may go into the answer. */
export class HttpError extends Error {
  override readonly name = 'HttpError';

  constructor(readonly status: number, readonly code: string, message: string) {
    super(message);
  }
}

/** How much more than allowed is read and thrown away, so that the client gets to see the answer. */
const DISCARD_FACTOR = 8;

/**
 * The request's body as it came over the wire, at most `maxBytes`.
 * Throws HttpError: 413 where it is larger, 415 for any Content-Encoding (restify's gunzip crashes the process on a broken
 * body, and its size limit counts compressed bytes: node-restify #1785), 400 where the connection broke.
 */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  checkHeaders(request, maxBytes);
  if (request.destroyed && !request.complete) throw endedEarly();
  // Events, since an iterator costs a dozen promises, and nearly every body is one chunk.
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const take = (chunk: Buffer): void => {
      size += chunk.length;
      chunks.push(chunk);
      if (size <= maxBytes) return;
      request.off('data', take);
      discardRest(request, maxBytes);
      reject(tooLarge());
    };
    request.on('data', take);
    request.on('end', () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)));
    request.on('error', () => reject(endedEarly()));
    request.on('close', () => {
      if (!request.complete) reject(endedEarly());
    });
  });
}

/** Body as JSON. An empty body gives undefined. Throws HttpError as readBody does, and 400 where it is not JSON or nested too deeply. */
export async function readJson(request: IncomingMessage, maxBytes: number): Promise<unknown> {
  const body = await readBody(request, maxBytes);
  if (body.length === 0) return undefined;
  const value = parseJson(body);
  if (body.length > 2 * MAX_DEPTH && isTooDeep(value)) throw badJson();
  return value;
}

/** JSON.parse takes 100,000 levels; JSON.stringify, which keeps the activity, runs out of stack far earlier. */
const MAX_DEPTH = 1_000;

const badJson = (): HttpError => new HttpError(400, 'bad-json', 'The body is not valid JSON.');

function parseJson(body: Buffer): unknown {
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

/** The body piece by piece, never more than `maxBytes`. Throws HttpError as readBody does. */
export async function* bodyChunks(request: IncomingMessage, maxBytes: number): AsyncGenerator<Buffer> {
  checkHeaders(request, maxBytes);
  let size = 0;
  try {
    // destroyOnReturn would cut the connection before the answer is out.
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > maxBytes) throw tooLarge();
      yield chunk;
    }
  } catch (error) {
    if (error instanceof HttpError) discardRest(request, maxBytes);
    throw error instanceof HttpError ? error : endedEarly();
  }
}

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
  let left = maxBytes * DISCARD_FACTOR;
  request.on('error', () => undefined);
  request.on('data', (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) request.destroy();
  });
  request.resume();
}
