import { join } from 'node:path';
import { APP_ID, TENANT_ID } from './activity';
import type { FakeService } from './fakeService';
import { Target, type LoadOptions } from './load';
import { medianOf, sumFaults, toMeasurement, type Measurement } from './measure';
import { startPeer, type PeerProcess } from './peerProcess';
import { peers, type Peer, type PeerName } from './peers';
import type { Plan } from './plan';
import type { Fault, LoadResult } from './tally';

/** What a start costs, and the memory of the process when idle and after the whole load. */
export interface StartMeasurement {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly idleRssMB: number;
}

/** Everything measured of one peer. `loads` has one entry per number of conversations. */
export interface PeerResult {
  readonly name: PeerName;
  readonly title: string;
  readonly start: StartMeasurement;
  readonly rssAfterLoadMB: number;
  readonly faults: Readonly<Record<Fault, number>>;
  readonly loads: readonly (Measurement & { readonly conversations: number })[];
}

export interface Bench {
  readonly plan: Plan;
  readonly service: FakeService;
  readonly signal: AbortSignal;
  readonly say: (progress: string) => void;
}

const IDLE_MS = 500; // After the start: what a server loads lazily and the collector frees is done by then.
const WARM_UP_CONVERSATIONS = 16;

/** Starts all peers and lets them take turns under every load, round by round; medians over the rounds. Stops them again. */
export async function comparePeers(bench: Bench): Promise<readonly PeerResult[]> {
  const contestants: Contestant[] = [];
  try {
    for (const peer of peers.filter(({ name }) => bench.plan.peers.includes(name))) {
      bench.say(`starting ${peer.name}`);
      const contestant = await Contestant.start(bench, peer);
      contestants.push(contestant);
      await contestant.checkTokens();
    }
    for (const contestant of contestants) {
      bench.say(`warming up ${contestant.peer.name}`);
      await contestant.load({ conversations: WARM_UP_CONVERSATIONS, durationMs: bench.plan.warmUpMs });
    }
    await playRounds(bench, contestants);
    return await Promise.all(contestants.map((contestant) => contestant.result()));
  } finally {
    await Promise.all(contestants.map((contestant) => contestant.stop()));
  }
}

async function playRounds({ plan, signal, say }: Bench, contestants: readonly Contestant[]): Promise<void> {
  for (let round = 1; round <= plan.rounds; round += 1) {
    say(`round ${round} of ${plan.rounds}`);
    for (const conversations of plan.levels) {
      for (const contestant of contestants) {
        signal.throwIfAborted();
        await contestant.measure(conversations);
      }
    }
  }
}

/** A running peer, people who talk to it, and what was measured so far. */
export class Contestant {
  private readonly loads: LoadResult[] = [];
  private readonly measurements = new Map<number, Measurement[]>();

  private constructor(
    private readonly bench: Bench,
    readonly peer: Peer,
    readonly process: PeerProcess,
    private readonly target: Target,
    private readonly starts: readonly StartMeasurement[],
  ) {}

  /** Starts the peer as often as planned, to measure that; the last one stays. */
  static async start(bench: Bench, peer: Peer): Promise<Contestant> {
    const starts: StartMeasurement[] = [];
    for (let start = 1; ; start += 1) {
      bench.signal.throwIfAborted();
      const process = await startPeer(toPeerStart(bench, peer, start === bench.plan.starts));
      await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
      starts.push({ wallMs: process.startWallMs, cpuMs: process.startCpuMs, idleRssMB: toMB((await process.usage()).rssBytes) });
      if (start >= bench.plan.starts) return new Contestant(bench, peer, process, createTarget(bench, peer, process), starts);
      await process.stop();
    }
  }

  /** Throws where a peer that should check tokens takes a message with a forged one: its numbers would flatter it. */
  async checkTokens(): Promise<void> {
    const status = await this.target.postAsStranger();
    // botbuilder answers 500 rather than 401 to a bad signature.
    if (this.peer.checksTokens !== (status >= 400)) throw new Error(`${this.peer.name} answered ${status} to a forged token.`);
  }

  async load(options: LoadOptions): Promise<LoadResult> {
    const load = await this.target.run({ ...options, signal: this.bench.signal });
    this.loads.push(load);
    return load;
  }

  async measure(conversations: number): Promise<void> {
    const before = await this.process.usage();
    const load = await this.load({ conversations, durationMs: this.bench.plan.roundMs });
    const measurement = toMeasurement(load, before, await this.process.usage());
    this.measurements.set(conversations, [...(this.measurements.get(conversations) ?? []), measurement]);
  }

  async result(): Promise<PeerResult> {
    const loads = [...this.measurements].map(([conversations, rounds]) => ({ conversations, ...medianOf(rounds) }));
    return {
      name: this.peer.name,
      title: this.peer.title,
      start: medianOf(this.starts),
      rssAfterLoadMB: toMB((await this.process.usage()).rssBytes),
      faults: sumFaults(this.loads),
      loads,
    };
  }

  async stop(): Promise<void> {
    await this.target.close();
    await this.process.stop();
  }
}

function toPeerStart({ plan, service }: Bench, peer: Peer, isLast: boolean): Parameters<typeof startPeer>[0] {
  const isProfiled = isLast && plan.profile === peer.name;
  return {
    // This runs as dist/bench/run.mjs, beside the peers' bundles.
    file: join(__dirname, peer.bundle),
    settings: { appId: APP_ID, tenantId: TENANT_ID, serviceUrl: service.url, openIdMetadataUrl: service.openIdMetadataUrl },
    logFile: `test/results/${peer.name}.log`,
    nodeArguments: ['--no-deprecation', ...(peer.nodeArguments ?? []), ...(isProfiled ? ['--cpu-prof', '--cpu-prof-dir=test/results'] : [])],
  };
}

function createTarget({ service }: Bench, peer: Peer, process: PeerProcess): Target {
  const token = service.token({ issuer: peer.issuer, audience: APP_ID, tenantId: TENANT_ID });
  return new Target({ name: peer.name, url: process.url, appId: APP_ID, token, script: peer.script, service });
}

export const toMB = (bytes: number): number => bytes / 1_048_576;
