import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Contestant, toMB, type Bench } from './bench';
import { sumFaults } from './measure';
import { peers } from './peers';
import type { Fault } from './tally';

/** One hundred turns further in one and the same conversation. */
export interface GrowthBlock {
  readonly turns: number;
  readonly cpuMsPerTurn: number;
  readonly rssMB: number;
  /** Size of the stored conversation document. */
  readonly documentBytes: number;
}

export interface Growth {
  readonly blocks: readonly GrowthBlock[];
  readonly maxDocumentBytes: number;
  readonly faults: Readonly<Record<Fault, number>>;
}

const BLOCK_TURNS = 100;

/** Lets one person talk to a fresh Parley for as many turns as planned: nothing may grow with them but the log on disk. */
export async function measureGrowth(bench: Bench): Promise<Growth> {
  const peer = peers.find(({ name }) => name === 'parley');
  if (!peer) throw new Error('Parley is not among the peers.');
  bench.say(`${bench.plan.growthTurns} turns in one conversation`);
  const contestant = await Contestant.start({ ...bench, plan: { ...bench.plan, starts: 1, profile: undefined } }, peer);
  try {
    return await talk(bench, contestant);
  } finally {
    await contestant.stop();
  }
}

async function talk({ plan, signal }: Bench, contestant: Contestant): Promise<Growth> {
  const blocks: GrowthBlock[] = [];
  // One line ahead, so that every block ends with a question open: the document is then at its largest.
  const loads = [await contestant.load({ conversations: 1, messages: 1 })];
  for (let turns = BLOCK_TURNS; turns <= plan.growthTurns; turns += BLOCK_TURNS) {
    signal.throwIfAborted();
    const before = await contestant.process.usage();
    const load = await contestant.load({ conversations: 1, messages: BLOCK_TURNS });
    const after = await contestant.process.usage();
    loads.push(load);
    blocks.push({
      turns,
      cpuMsPerTurn: (after.cpuMs - before.cpuMs) / load.messages,
      rssMB: toMB(after.rssBytes),
      documentBytes: largestDocument(contestant.process.dataDirectory),
    });
  }
  return { blocks, maxDocumentBytes: Math.max(...blocks.map(({ documentBytes }) => documentBytes)), faults: sumFaults(loads) };
}

/** In bytes; reads beside the running server, which SQLite's write-ahead log allows. */
function largestDocument(dataDirectory: string): number {
  const database = new DatabaseSync(join(dataDirectory, 'parley.db'), { readOnly: true });
  try {
    const row = database.prepare('SELECT MAX(LENGTH(CAST(document AS BLOB))) AS bytes FROM conversations').get();
    return Number(row?.['bytes'] ?? 0);
  } finally {
    database.close();
  }
}
