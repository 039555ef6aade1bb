import { Agent } from 'undici';
import { z } from 'zod';
import { SourceError } from '../error';
import { graphFailure, type GraphAnswer } from './failure';
import { Pace, realClock, type Clock, type Lane } from './pace';

/**
 * A token of the bot for Microsoft Graph in one organisation, by its id in Entra ID; `refused`: one that Graph does not
 * take. Throws SourceError: `unauthorized`, `unavailable`.
 */
export type GraphToken = (tenantId: string, refused?: string) => Promise<string>;

export interface GraphOptions {
  /** `https://graph.microsoft.com`, without a slash at the end. */
  readonly url: string;
  readonly token: GraphToken;
  readonly clock?: Clock;
  /** Of one attempt. */
  readonly timeoutMs?: number;
  /** Told of each repetition: ids and codes, no content. */
  readonly onRepeat?: (facts: { readonly code: string; readonly status: number | undefined; readonly attempt: number; readonly waitMs: number }) => void;
}

export interface GraphRequest {
  readonly tenantId: string;
  /** With the leading slash, below `/v1.0`, URL-encoded. */
  readonly path: string;
  readonly lane: Lane;
  /** What the request needs, for whoever has to give it. */
  readonly permission: string;
  /** Media type that is wanted; JSON without it. */
  readonly accept?: string;
}

/** Reads Microsoft Graph. Everything throws SourceError, and gives up when the signal aborts. */
export interface Graph {
  json<T>(request: GraphRequest, answer: z.ZodType<T>, signal: AbortSignal): Promise<T>;
  text(request: GraphRequest, signal: AbortSignal): Promise<string>;
  /** The pages of a list, as they come; `first`: how to go on from an answer that holds the first page. */
  pages(request: GraphRequest, signal: AbortSignal): AsyncGenerator<readonly unknown[]>;
  /** The pages after a link that Graph gave, followed as it stands. */
  pagesFrom(nextLink: string, request: GraphRequest, signal: AbortSignal): AsyncGenerator<readonly unknown[]>;
  close(): Promise<void>;
}

const TIMEOUT_MS = 15_000;
const MAX_ANSWER_BYTES = 32 * 1024 * 1024; // 50 messages of 28 KB, or the transcript of a day
const MAX_SOCKETS = 16;
const MAX_ATTEMPTS = 4;
const FIRST_BACKOFF_MS = 1_000;
const JITTER = 0.25;
/** Nobody waits longer for an answer in a chat: people are told when to ask again. */
const MAX_WAIT_MS = 20_000;
/** More than the messages of years: whoever sends more links than that leads us in circles. */
const MAX_PAGES = 1_000;
/** https://learn.microsoft.com/graph/best-practices-concept#handling-future-members-in-evolvable-enumerations */
const PREFER = 'include-unknown-enum-members';

const pageShape = z.object({ value: z.array(z.unknown()), '@odata.nextLink': z.string().nullish() });

export function createGraph(options: GraphOptions): Graph {
  const agent = new Agent({ connections: MAX_SOCKETS, pipelining: 1, connectTimeout: 5_000, maxResponseSize: MAX_ANSWER_BYTES });
  return new HttpGraph(agent, options, options.clock ?? realClock);
}

class HttpGraph implements Graph {
  private readonly pace: Pace;
  private readonly root: string;

  constructor(private readonly agent: Agent, private readonly options: GraphOptions, private readonly clock: Clock) {
    this.pace = new Pace(clock);
    this.root = `${options.url}/v1.0`;
  }

  async json<T>(request: GraphRequest, answer: z.ZodType<T>, signal: AbortSignal): Promise<T> {
    return parse(await this.read(this.root + request.path, request, signal), answer);
  }

  text(request: GraphRequest, signal: AbortSignal): Promise<string> {
    return this.read(this.root + request.path, request, signal);
  }

  async *pages(request: GraphRequest, signal: AbortSignal): AsyncGenerator<readonly unknown[]> {
    const { value, next } = await this.page(this.root + request.path, request, signal);
    yield value;
    if (next !== undefined) yield* this.pagesFrom(next, request, signal);
  }

  async *pagesFrom(nextLink: string, request: GraphRequest, signal: AbortSignal): AsyncGenerator<readonly unknown[]> {
    const followed = new Set<string>();
    for (let link: string | undefined = nextLink; link !== undefined;) {
      if (followed.has(link) || followed.size >= MAX_PAGES) throw new SourceError('unavailable', 'The pages of Microsoft Graph lead in a circle.');
      followed.add(link);
      const page: Page = await this.page(this.checked(link), request, signal);
      yield page.value;
      link = page.next;
    }
  }

  async close(): Promise<void> {
    await this.agent.destroy();
  }

  private async page(url: string, request: GraphRequest, signal: AbortSignal): Promise<Page> {
    const { value, '@odata.nextLink': next } = parse(await this.read(url, request, signal), pageShape);
    return { value, next: next ?? undefined };
  }

  /** Our token goes to Graph and nowhere else, whatever a link says: compared as text, before anything parses it. */
  private checked(link: string): string {
    if (!link.startsWith(`${this.root}/`)) throw new SourceError('unavailable', 'A link of Microsoft Graph leads to another host.');
    return link;
  }

  /** The one loop: what Graph refuses for its pace, or cannot answer, is asked again when it says so. */
  private async read(url: string, request: GraphRequest, signal: AbortSignal): Promise<string> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.waitForPlace(request.lane, signal);
        return await this.authorized(url, request, signal);
      } catch (error) {
        const failure = toSourceError(error, signal);
        if (failure.code === 'throttled') this.pace.close(request.lane, failure.details.retryAfterMs ?? FIRST_BACKOFF_MS);
        const waitMs = waitAfter(attempt, failure, this.clock.random());
        if (!isRepeatable(failure) || attempt >= MAX_ATTEMPTS || waitMs > MAX_WAIT_MS) throw failure;
        this.options.onRepeat?.({ code: failure.code, status: failure.details.status, attempt, waitMs });
        if (!(await this.waited(waitMs, signal))) throw failure;
      }
    }
  }

  /** Nothing is asked before the time that Graph named, by whichever turn that learned it. */
  private async waitForPlace(lane: Lane, signal: AbortSignal): Promise<void> {
    const closedMs = this.pace.closedFor(lane);
    if (closedMs > MAX_WAIT_MS) throw new SourceError('throttled', 'Microsoft Graph asked to be left alone for a while.', { retryAfterMs: closedMs, status: 429 });
    if (!(await this.waited(closedMs, signal)) || !(await this.waited(this.pace.enter(lane), signal))) throw new SourceError('timeout', 'The time for reading was over.');
  }

  /** False where the signal aborted before the time was over. */
  private async waited(milliseconds: number, signal: AbortSignal): Promise<boolean> {
    if (milliseconds > 0 && !signal.aborted) await this.clock.wait(milliseconds, signal).catch(() => undefined);
    return !signal.aborted;
  }

  /** A token may have been withdrawn before its time: then once more with another. */
  private async authorized(url: string, request: GraphRequest, signal: AbortSignal): Promise<string> {
    const token = await this.options.token(request.tenantId);
    const answer = await this.exchange(url, token, request, signal);
    if (answer.status !== 401) return accepted(answer, request);
    const another = await this.options.token(request.tenantId, token);
    return accepted(another === token ? answer : await this.exchange(url, another, request, signal), request);
  }

  private async exchange(url: string, token: string, { accept = 'application/json' }: GraphRequest, signal: AbortSignal): Promise<GraphAnswer> {
    const { origin } = new URL(this.root);
    const timeoutMs = this.options.timeoutMs ?? TIMEOUT_MS;
    const { statusCode: status, headers, body } = await this.agent.request({
      origin,
      path: url.slice(origin.length), // as it stands: an opaque part of a link must not be written anew
      method: 'GET',
      headers: { authorization: `Bearer ${token}`, accept, prefer: PREFER, 'user-agent': 'Parley' },
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
    });
    return { status, headers, text: await body.text() };
  }
}

interface Page {
  readonly value: readonly unknown[];
  readonly next: string | undefined;
}

function accepted(answer: GraphAnswer, { permission }: GraphRequest): string {
  if (answer.status >= 200 && answer.status <= 299) return answer.text;
  throw graphFailure(answer, permission);
}

function parse<T>(text: string, shape: z.ZodType<T>): T {
  try {
    return shape.parse(JSON.parse(text));
  } catch (error) {
    throw new SourceError('unavailable', 'The answer of Microsoft Graph cannot be read.', { cause: error });
  }
}

/** Reading changes nothing: whatever came of a request, it may be made again. */
const isRepeatable = ({ code, details }: SourceError): boolean => code === 'throttled' || (code === 'unavailable' && !isFinal(details.status));
const isFinal = (status: number | undefined): boolean => status !== undefined && (status < 500 || status === 501 || status === 505);

function toSourceError(error: unknown, signal: AbortSignal): SourceError {
  if (error instanceof SourceError) return error;
  if (signal.aborted) return new SourceError('timeout', 'The time for reading was over.', { cause: error });
  return new SourceError('unavailable', 'Microsoft Graph could not be reached.', { cause: error });
}

/** What the service says, else 1, 2, 4 s; jitter is added on top, so that we never come before it asked us to. */
function waitAfter(attempt: number, { details }: SourceError, random: number): number {
  return Math.round((details.retryAfterMs ?? FIRST_BACKOFF_MS * 2 ** (attempt - 1)) * (1 + JITTER * random));
}
