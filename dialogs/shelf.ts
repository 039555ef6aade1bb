import type { Thread } from '../threads/thread';
import type { Turn } from './turn';

/** "Summarize this conversation" puts threads on the shelf that nobody gave: so many are looked past. */
const SPARE = 3;

const keptKey = Symbol('parley.keptThreads');

/** Keeps a thread for this conversation. Unlike the host's shelf, it is found again in this very turn. */
export async function keepThread(turn: Turn, thread: Thread): Promise<Thread> {
  const kept = await turn.threads.keep(thread);
  keptThreads(turn).set(kept.id, kept);
  return kept;
}

/** A thread that was kept for this conversation; undefined where it is gone. */
export async function findThread(turn: Turn, id: string): Promise<Thread | undefined> {
  return keptThreads(turn).get(id) ?? turn.threads.find(id);
}

/** The newest texts that were given in this conversation, newest first, with those of this turn. */
export async function recentThreads(turn: Turn, limit: number): Promise<readonly Thread[]> {
  const fresh = [...keptThreads(turn).values()].reverse();
  const stored = fresh.length < limit ? await turn.threads.recent(limit + SPARE) : [];
  return [...fresh, ...stored.filter(({ id }) => !keptThreads(turn).has(id))].filter(({ isLog }) => !isLog).slice(0, limit);
}

function keptThreads(turn: Turn): Map<string, Thread> {
  const existing = turn.context.turnState.get<Map<string, Thread> | undefined>(keptKey);
  if (existing) return existing;
  const threads = new Map<string, Thread>();
  turn.context.turnState.set(keptKey, threads);
  return threads;
}
