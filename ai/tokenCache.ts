/** A bearer token and when it ends, in milliseconds since 1970. */
export interface AccessToken {
  readonly token: string;
  readonly expiresOnTimestamp: number;
}

/** Asks the identity service once. Rejects with TokenError where it knows better than `unavailable`. Gives up when the signal aborts. */
export type FetchToken = (signal: AbortSignal) => Promise<AccessToken>;

/** `refused`: the identity service knows the request and says no: the settings need a look. `unavailable`: it gave nothing in time. */
export class TokenError extends Error {
  override readonly name = 'TokenError';

  constructor(readonly code: 'refused' | 'unavailable', message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
  }
}

export interface TokenCacheOptions {
  /** How long a call may wait for a token when there is none that is valid. */
  readonly waitMs?: number;
  /** A new token is fetched when the old one has less than this left, or half of its life if that is less. */
  readonly refreshAheadMs?: number;
  /** One fetch may take so long: a slow identity service is waited for while nobody waits for us. */
  readonly fetchLimitMs?: number;
  /** Pause after a failed fetch: with a valid token in hand, without one, and where the service refused. */
  readonly pauseMs?: { readonly valid: number; readonly without: number; readonly refused: number };
  /** Ends the renewals. */
  readonly signal?: AbortSignal;
  /** Told of every failed fetch. */
  readonly onFailure?: (error: TokenError, validForMs: number) => void;
}

export interface TokenCache {
  /** A valid token, at once where there is one. Waits at most `waitMs`, and not at all while a fetch is known to hang or to have just failed. Throws TokenError. */
  get(signal?: AbortSignal): Promise<string>;
  /** Another token than one that a service refused before its time, if there is one. Throws TokenError as `get` does. */
  another(refused: string): Promise<string>;
  /** Begins to fetch, and to renew ahead of time, so that nobody has to wait. */
  start(): void;
}

/** A token younger than this is not what a service has against us. */
const FRESH_MS = 60_000;
const PAUSE_MS = { valid: 10_000, without: 2_000, refused: 30_000 };

/**
 * Keeps one token and renews it in the background, one fetch at once. A slow or dead identity service is not felt while
 * a token is valid; once it is back, there is a token again within seconds, whether anybody asks or not.
 */
export function createTokenCache(fetchToken: FetchToken, options: TokenCacheOptions = {}): TokenCache {
  return new RenewingToken(fetchToken, {
    waitMs: 5_000, refreshAheadMs: 5 * 60_000, fetchLimitMs: 30_000, pauseMs: PAUSE_MS, signal: new AbortController().signal, onFailure: () => undefined, ...options,
  });
}

class RenewingToken implements TokenCache {
  private token: AccessToken = { token: '', expiresOnTimestamp: 0 };
  private fetchedAt = 0;
  private fetching: { readonly promise: Promise<string>; readonly startedAt: number } | undefined;
  private failure: { readonly error: TokenError; readonly until: number } | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly fetchToken: FetchToken, private readonly options: Required<TokenCacheOptions>) {
    options.signal.addEventListener('abort', () => clearTimeout(this.timer), { once: true });
  }

  start(): void {
    if (!this.fetching && this.token.token === '') this.renew();
  }

  async get(signal?: AbortSignal): Promise<string> {
    if (this.leftMs() > 0) return this.token.token;
    if (!this.fetching && this.failure && this.failure.until > Date.now()) throw this.failure.error;
    return this.waitForFetch(signal);
  }

  private waitForFetch(signal?: AbortSignal): Promise<string> {
    const { promise, startedAt } = this.fetching ?? this.renew();
    return within(promise, startedAt + this.options.waitMs - Date.now(), signal);
  }

  async another(refused: string): Promise<string> {
    const isFresh = Date.now() - this.fetchedAt < FRESH_MS;
    if (this.token.token !== refused || isFresh) return this.get();
    if (!this.fetching) this.renew();
    // The refusal may be about anything: without a new token the old one is still the best there is.
    return this.waitForFetch().catch((error: unknown) => {
      if (this.leftMs() > 0) return this.token.token;
      throw error;
    });
  }

  private leftMs(): number {
    return this.token.expiresOnTimestamp - Date.now();
  }

  private renew(): { readonly promise: Promise<string>; readonly startedAt: number } {
    clearTimeout(this.timer);
    const promise = this.fetch();
    promise.catch(() => undefined); // told to those who wait for it
    this.fetching = { promise, startedAt: Date.now() };
    return this.fetching;
  }

  private async fetch(): Promise<string> {
    try {
      const limit = AbortSignal.any([this.options.signal, AbortSignal.timeout(this.options.fetchLimitMs)]);
      this.token = await orAbort(this.fetchToken(limit), limit);
      this.fetchedAt = Date.now();
      this.failure = undefined;
      this.renewIn(this.leftMs() - Math.min(this.options.refreshAheadMs, this.leftMs() / 2));
      return this.token.token;
    } catch (error) {
      throw this.noteFailure(error);
    } finally {
      this.fetching = undefined;
    }
  }

  private noteFailure(cause: unknown): TokenError {
    const error = cause instanceof TokenError ? cause : new TokenError('unavailable', 'The identity service gave no token.', { cause });
    const { valid, without, refused } = this.options.pauseMs;
    const pause = error.code === 'refused' ? refused : without;
    this.failure = { error, until: Date.now() + pause };
    // A token that ends during the pause would leave a gap: then the shorter pause begins right at its end.
    this.renewIn(this.leftMs() > 0 ? Math.max(without, Math.min(valid, this.leftMs())) : pause);
    if (!this.options.signal.aborted) this.options.onFailure(error, Math.max(0, this.leftMs()));
    return error;
  }

  private renewIn(delayMs: number): void {
    clearTimeout(this.timer);
    if (this.options.signal.aborted) return;
    this.timer = setTimeout(() => this.renew(), Math.min(Math.max(0, delayMs), MAX_TIMER_MS));
    this.timer.unref(); // a renewal is no reason to go on living
  }
}

const MAX_TIMER_MS = 24 * 60 * 60 * 1000;

/** Credentials of the SDK do not end when told to: then at least nobody waits for them. */
function orAbort<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => reject(new TokenError('unavailable', 'The identity service did not answer in time.', { cause: signal.reason }));
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
  });
}

function within(fetching: Promise<string>, waitMs: number, signal: AbortSignal | undefined): Promise<string> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => reject(new TokenError('unavailable', 'The identity service has not given a token yet.'));
    if (waitMs <= 0 || signal?.aborted) {
      giveUp();
      return;
    }
    const timer = setTimeout(giveUp, waitMs);
    signal?.addEventListener('abort', giveUp, { once: true });
    const settle = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', giveUp);
    };
    fetching.then(resolve, reject).finally(settle);
  });
}
