/** How often each of many keys may do something: `burst` at once, and then as it comes back over time. */
export interface RateLimit {
  /** 0: allowed, and counted. Else the milliseconds until it would be; nothing is counted. */
  take(key: string): number;
}

export interface RateLimitOptions {
  /** Infinity: no limit. */
  readonly perMinute: number;
  readonly burst: number;
  readonly now?: () => number;
}

/** More keys than this are told apart by their newest: memory stays bounded whoever makes up keys. */
const MAX_KEYS = 50_000;

/**
 * Token buckets, one a key, each kept as one number: the time at which the bucket will be full again (the generic cell
 * rate algorithm). A full bucket needs no entry.
 */
export function createRateLimit({ perMinute, burst, now = Date.now }: RateLimitOptions): RateLimit {
  const intervalMs = 60_000 / perMinute;
  const fullAt = new Map<string, number>();
  return {
    take: (key) => {
      const nowMs = now();
      const next = Math.max(fullAt.get(key) ?? 0, nowMs) + intervalMs;
      const waitMs = next - nowMs - burst * intervalMs;
      if (waitMs > 0) return Math.ceil(waitMs);
      fullAt.delete(key); // to the end: the first entry is the one that was longest unused
      if (perMinute !== Infinity) fullAt.set(key, next);
      dropOldest(fullAt, MAX_KEYS);
      return 0;
    },
  };
}

/** Drops the entries that were put in first until `maxSize` are left. */
export function dropOldest(map: Map<string, unknown>, maxSize: number): void {
  for (const key of map.keys()) {
    if (map.size <= maxSize) return;
    map.delete(key);
  }
}
