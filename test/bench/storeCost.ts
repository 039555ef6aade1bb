import { Contestant, type Bench } from './bench';
import type { Peer, PeerName } from './peers';
import type { Level } from './plan';
import { readStore, type StoreUsage } from './store';
import type { Fault } from './tally';

/** What a turn costs the store. */
export interface StoreCost extends Level {
  readonly name: PeerName;
  readonly turns: number;
  readonly perTurn: Readonly<Record<'statements' | 'commits' | 'syncs' | 'writtenBytes' | 'storedBytes', number>>;
  /** Open during the load. */
  readonly connections: number;
  readonly faults: Readonly<Record<Fault, number>>;
}

const TURNS_PER_PERSON = 50; // What a start and a first message cost besides is then a small part.
const MIN_TURNS = 400;
const SETTLE_MS = 300; // What was sent is noted as sent a little later.

/** Starts a fresh peer that counts, and lets people talk to it. Its times are not measured: counting costs some. */
export async function measureStoreCost(bench: Bench, peer: Peer, level: Level): Promise<StoreCost> {
  bench.say(`what ${level.conversations} at once ask of the store of ${peer.name}`);
  const contestant = await Contestant.start({ ...bench, plan: { ...bench.plan, profile: undefined } }, peer, { starts: 1, countsStatements: peer.store === 'sqlite' });
  const read = async (): Promise<StoreUsage> => {
    const usage = await readStore(peer, contestant.process, bench.postgres);
    if (!usage) throw new Error(`${peer.name} has no store.`);
    return usage;
  };
  try {
    const before = await read();
    const { messages } = await contestant.load({ ...level, messages: Math.max(MIN_TURNS, TURNS_PER_PERSON * level.conversations) });
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    const during = await read();
    // PostgreSQL's sessions tell the rest when they end; SQLite's counts end with the peer.
    if (peer.store === 'postgres') await contestant.stop();
    const after = peer.store === 'postgres' ? await read() : during;
    return { name: peer.name, ...level, turns: messages, perTurn: toPerTurn(before, after, messages), connections: during.connections, faults: contestant.faults() };
  } finally {
    await contestant.stop();
  }
}

const toPerTurn = (before: StoreUsage, after: StoreUsage, turns: number): StoreCost['perTurn'] => ({
  statements: (after.statements - before.statements) / turns,
  commits: (after.commits - before.commits) / turns,
  syncs: (after.syncs - before.syncs) / turns,
  writtenBytes: (after.writtenBytes - before.writtenBytes) / turns,
  storedBytes: (after.storedBytes - before.storedBytes) / turns,
});
