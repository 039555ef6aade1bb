import { Contestant, toMB, type Bench } from './bench';
import type { Peer, PeerName } from './peers';
import { median, ratio } from './statistics';
import { readSqliteNumber } from './store';
import type { Fault } from './tally';

/** One hundred turns further in one and the same conversation. */
export interface GrowthBlock {
  readonly turns: number;
  readonly cpuMsPerTurn: number;
  readonly storeCpuMsPerTurn: number;
  readonly rssMB: number;
}

/** A turn in a conversation that has grown, beside one of the first hundred of a conversation, in the same process. */
export interface Growth {
  readonly name: PeerName;
  readonly blocks: readonly GrowthBlock[];
  /** CPU of a turn, Parley's and the database server's, in milliseconds: medians of blocks of a hundred that took turns. */
  readonly grownCpuMsPerTurn: number;
  readonly newCpuMsPerTurn: number;
  readonly ratio: number;
  /** Size of the largest stored conversation document (SQLite). */
  readonly documentBytes: number | undefined;
  readonly faults: Readonly<Record<Fault, number>>;
}

const BLOCK_TURNS = 100;
const LARGEST_DOCUMENT = 'SELECT MAX(LENGTH(CAST(document AS BLOB))) FROM conversations'; // bytes

/** Lets one person talk to a fresh Parley for as many turns as planned: nothing may grow with them but the log on disk. */
export async function measureGrowth(bench: Bench, peer: Peer): Promise<Growth> {
  bench.say(`${bench.plan.growthTurns} turns in one conversation with ${peer.name}`);
  const contestant = await Contestant.start({ ...bench, plan: { ...bench.plan, profile: undefined } }, peer, { starts: 1 });
  try {
    return await talk(bench, contestant);
  } finally {
    await contestant.stop();
  }
}

async function talk({ plan, signal }: Bench, contestant: Contestant): Promise<Growth> {
  contestant.target.changePeople('somebody-else');
  await contestant.load({ conversations: 1, durationMs: plan.warmUpMs });
  contestant.target.changePeople('talker');
  const blocks: GrowthBlock[] = [];
  for (let turns = BLOCK_TURNS; turns <= plan.growthTurns; turns += BLOCK_TURNS) {
    signal.throwIfAborted();
    blocks.push({ turns, ...(await talkOn(contestant)), rssMB: toMB((await contestant.read()).rssBytes) });
  }
  const pairs = await takeTurns(plan.growthPairs, contestant);
  contestant.target.changePeople('talker');
  await contestant.load({ conversations: 1, messages: 1 }); // A question is open: the document is at its largest.
  const grownCpuMsPerTurn = median(pairs.map(({ grown }) => grown));
  const newCpuMsPerTurn = median(pairs.map(({ fresh }) => fresh));
  return {
    name: contestant.peer.name,
    blocks,
    grownCpuMsPerTurn,
    newCpuMsPerTurn,
    ratio: ratio(grownCpuMsPerTurn, newCpuMsPerTurn),
    documentBytes: contestant.peer.store === 'sqlite' ? readSqliteNumber(contestant.process.dataDirectory, LARGEST_DOCUMENT) : undefined,
    faults: contestant.faults(),
  };
}

/** A hundred turns of the grown conversation and the first hundred of a new one, again and again: neither has the better minute. */
async function takeTurns(pairs: number, contestant: Contestant): Promise<readonly { readonly grown: number; readonly fresh: number }[]> {
  const measured: { grown: number; fresh: number }[] = [];
  for (let pair = 1; pair <= pairs; pair += 1) {
    contestant.target.changePeople('talker');
    const grown = sumCpu(await talkOn(contestant));
    contestant.target.changePeople(`newcomer-${pair}`);
    measured.push({ grown, fresh: sumCpu(await talkOn(contestant)) });
  }
  return measured;
}

type Cost = Pick<GrowthBlock, 'cpuMsPerTurn' | 'storeCpuMsPerTurn'>;

const sumCpu = ({ cpuMsPerTurn, storeCpuMsPerTurn }: Cost): number => cpuMsPerTurn + storeCpuMsPerTurn;

async function talkOn(contestant: Contestant): Promise<Cost> {
  const { cpuMsPerMessage, storeCpuMsPerMessage } = await contestant.cost({ conversations: 1, messages: BLOCK_TURNS });
  return { cpuMsPerTurn: cpuMsPerMessage, storeCpuMsPerTurn: storeCpuMsPerMessage };
}
