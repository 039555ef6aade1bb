import type { DeploymentLimits } from './deployments';

const MINUTE_MS = 60_000;
/** Requests are judged over ten seconds (Learn, "Manage Azure OpenAI quota"): a minute's worth at once would be refused. */
const REQUEST_WINDOWS = 6;

/** What may still go to one deployment: by the limits that the settings name, and by what its answers say is left. */
export class Allowance {
  private readonly requests: Bucket;
  private readonly tokens: Bucket;
  private inFlight = 0;
  private left: { readonly requests: number; readonly tokens: number; readonly until: number } = { requests: Infinity, tokens: Infinity, until: 0 };

  constructor(private readonly limits: DeploymentLimits, private readonly now: () => number = () => performance.now()) {
    this.requests = new Bucket(limits.requestsPerMinute, limits.requestsPerMinute / REQUEST_WINDOWS, now);
    this.tokens = new Bucket(limits.tokensPerMinute, limits.tokensPerMinute, now);
  }

  /** Milliseconds until a request of so many tokens may go; Infinity: when another one has ended. */
  waitMs(tokens: number): number {
    if (this.inFlight >= this.limits.concurrent) return Number.POSITIVE_INFINITY;
    return Math.max(this.requests.waitMs(1), this.tokens.waitMs(tokens));
  }

  take(tokens: number): void {
    this.inFlight += 1;
    this.requests.take(1);
    this.tokens.take(tokens);
    this.left = { ...this.left, requests: this.left.requests - 1, tokens: this.left.tokens - tokens };
  }

  /** The request has ended. Services count what an answer might take at most, so nothing is given back. */
  release(): void {
    this.inFlight -= 1;
  }

  /** The service would refuse the request, by what it said last: better ask another one. */
  isSpent(tokens: number): boolean {
    return this.now() < this.left.until && (this.left.requests < 1 || this.left.tokens < tokens);
  }

  /** Reads what an answer says is left. Azure answers -1 where it does not know (Learn Q&A 5625878). */
  note(headers: Headers): void {
    const requests = amountOf(headers, 'x-ratelimit-remaining-requests');
    const tokens = amountOf(headers, 'x-ratelimit-remaining-tokens');
    if (requests === undefined && tokens === undefined) return;
    const resetMs = Math.max(resetMsOf(headers, requests === 0 ? 'x-ratelimit-reset-requests' : 'x-ratelimit-reset-tokens') ?? USUAL_RESET_MS, 1);
    this.left = { requests: requests ?? Infinity, tokens: tokens ?? Infinity, until: this.now() + Math.min(resetMs, MINUTE_MS) };
  }
}

/** Azure does not say when, and counts requests over ten seconds. */
const USUAL_RESET_MS = 10_000;

function amountOf(headers: Headers, name: string): number | undefined {
  const value = Number.parseInt(headers.get(name) ?? '', 10);
  return value >= 0 ? value : undefined;
}

/** `6m0s`, `1.2s`, `20ms` (OpenAI) or bare seconds (Azure). */
function resetMsOf(headers: Headers, name: string): number | undefined {
  const text = headers.get(name) ?? '';
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1_000;
  const parts = [...text.matchAll(/([\d.]+)(ms|s|m|h)/g)];
  if (parts.length === 0) return undefined;
  return parts.reduce((sum, [, amount = '0', unit = 's']) => sum + Number(amount) * (unitMs[unit] ?? 0), 0);
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: MINUTE_MS, h: 60 * MINUTE_MS };

/** Fills up evenly; what is larger than all of it goes out once it is full. */
class Bucket {
  private level: number;
  private filledAt: number;

  constructor(private readonly perMinute: number, private readonly capacity: number, private readonly now: () => number) {
    this.level = Math.max(1, capacity);
    this.filledAt = now();
  }

  waitMs(amount: number): number {
    if (this.perMinute === Number.POSITIVE_INFINITY) return 0;
    const missing = Math.min(amount, Math.max(1, this.capacity)) - this.fill();
    return missing <= 0 ? 0 : Math.ceil((missing / this.perMinute) * MINUTE_MS);
  }

  take(amount: number): void {
    if (this.perMinute !== Number.POSITIVE_INFINITY) this.level = this.fill() - amount;
  }

  private fill(): number {
    const at = this.now();
    this.level = Math.min(Math.max(1, this.capacity), this.level + ((at - this.filledAt) / MINUTE_MS) * this.perMinute);
    this.filledAt = at;
    return this.level;
  }
}
