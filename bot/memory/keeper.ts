import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { Asker, CallReport } from '../../ai/call';
import type { Engine } from '../../ai/engine';
import { AIError } from '../../ai/error';
import { StateError, type Database } from '../../state/database';
import { releaseMemory, takeMemory, type MemoryLease } from '../../state/memory';
import type { Engines } from '../model';
import { keepCalls } from '../turns/traces';
import { addVectors } from './addVectors';
import { takeNotes } from './takeNotes';

/** Works on memories between turns. */
export interface MemoryKeeper {
  /** More was said than a prompt holds: notes are taken soon. Never throws, and never waits. */
  tend(asker: Asker): void;
  /** Resolves when nothing is being done. */
  idle(): Promise<void>;
  /** Ends what is being done: it is done anew after a later turn. */
  close(): Promise<void>;
}

export interface KeeperOptions {
  readonly database: Database;
  readonly engineFor: Engines['engineFor'];
  readonly log: Logger;
}

/** What one piece of work on a memory needs. */
export interface MemoryWork {
  readonly database: Database;
  readonly engine: Engine;
  readonly lease: MemoryLease;
  /** When the lease is to end that is prolonged now. */
  readonly untilMs: () => number;
  readonly signal: AbortSignal;
}

/** Longer than one call to a model may take: the lease is prolonged with each note. */
const LEASE_MS = 3 * 60_000;
const MAX_AT_ONCE = 2;
/** A service that fails is left alone for so long: talk goes on without notes. */
const REST_MS = 60_000;

export function createMemoryKeeper(options: KeeperOptions): MemoryKeeper {
  const closing = new AbortController();
  const waiting = new Map<string, Asker>();
  const running = new Map<string, Promise<void>>();
  let restsUntil = 0;

  const next = (): void => {
    const [asker] = waiting.values();
    if (!asker || running.size >= MAX_AT_ONCE || closing.signal.aborted) return;
    const { conversationKey: key } = asker;
    waiting.delete(key);
    const work = workOn(asker, options, closing.signal)
      .then((isWell) => void (restsUntil = isWell ? restsUntil : Date.now() + REST_MS))
      .finally(() => {
        running.delete(key);
        next();
      });
    running.set(key, work);
  };

  const idle = async (): Promise<void> => {
    while (running.size > 0) await Promise.all(running.values());
  };

  return {
    tend: (asker) => {
      if (running.has(asker.conversationKey) || Date.now() < restsUntil) return;
      waiting.set(asker.conversationKey, asker);
      next();
    },
    idle,
    close: async () => {
      closing.abort();
      await idle();
    },
  };
}

/** False where the model's service did not do it. */
async function workOn(asker: Asker, { database, engineFor, log }: KeeperOptions, signal: AbortSignal): Promise<boolean> {
  const { conversationKey } = asker;
  const untilMs = (): number => Date.now() + LEASE_MS;
  const calls: CallReport[] = [];
  let lease: MemoryLease | undefined;
  try {
    lease = await takeMemory(database, conversationKey, randomUUID(), untilMs());
    if (!lease) return true; // another process is at it
    const work: MemoryWork = { database, engine: engineFor(asker, (report) => void calls.push(report)), lease, untilMs, signal };
    const [notes, vectors] = [await takeNotes(work), await addVectors(work)];
    log.debug({ conversationKey, notes, vectors }, 'memory was brought up to date');
    return true;
  } catch (error) {
    const isExpected = signal.aborted || (error instanceof StateError && error.code === 'conflict'); // what it stood on has changed
    if (!isExpected) log.warn({ conversationKey, err: error }, 'memory could not be brought up to date; it is tried again after a later turn');
    return !(error instanceof AIError) || signal.aborted;
  } finally {
    await keepCalls(asker, calls, { database, log });
    if (lease) await releaseMemory(database, lease).catch(() => undefined); // else it runs out
  }
}
