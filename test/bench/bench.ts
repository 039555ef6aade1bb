import { join } from 'node:path';
import { APP_ID, TENANT_ID } from './activity';
import type { FakeService } from './fakeService';
import { Target, type LoadOptions } from './load';
import { medianOf, sumFaults, toMeasurement, type Measurement, type Reading } from './measure';
import { startPeer, type PeerProcess } from './peerProcess';
import { peers, type Peer, type PeerName } from './peers';
import type { Level, Plan } from './plan';
import type { BenchPostgres } from './store';
import type { Fault, LoadResult } from './tally';

/** What a start costs, and the memory of the process when idle and after the whole load. */
export interface StartMeasurement {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly idleRssMB: number;
}

/** Everything measured of one peer. */
export interface PeerResult {
  readonly name: PeerName;
  readonly title: string;
  readonly start: StartMeasurement;
  readonly rssAfterLoadMB: number;
  readonly faults: Readonly<Record<Fault, number>>;
  readonly loads: readonly (Measurement & Level)[];
  /** Messages at a fixed rate, far below what the peer could take: how long people wait. */
  readonly paced: Measurement & { readonly ratePerSecond: number };
}

export interface Bench {
  readonly plan: Plan;
  readonly service: FakeService;
  /** There while a peer that wants it takes part. */
  readonly postgres: BenchPostgres | undefined;
  readonly signal: AbortSignal;
  readonly say: (progress: string) => void;
}

const IDLE_MS = 500; // After the start: what a server loads lazily and the collector frees is done by then.
const WARM_UP_CONVERSATIONS = 16;
const PACED_PER_SECOND = 50;
const PACED_PEOPLE = 200;
/** For opening web chats without a page. */
export const DIRECT_LINE_SECRET = 'secret-of-the-bench';

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
    for (const contestant of contestants) {
      bench.say(`${PACED_PER_SECOND} messages a second to ${contestant.peer.name}`);
      bench.signal.throwIfAborted();
      await contestant.pace();
    }
    return await Promise.all(contestants.map((contestant) => contestant.result()));
  } finally {
    await Promise.all(contestants.map((contestant) => contestant.stop()));
  }
}

async function playRounds({ plan, signal, say }: Bench, contestants: readonly Contestant[]): Promise<void> {
  for (let round = 1; round <= plan.rounds; round += 1) {
    say(`round ${round} of ${plan.rounds}`);
    for (const level of plan.levels) {
      for (const contestant of contestants) {
        signal.throwIfAborted();
        await contestant.measure(level);
      }
    }
  }
}

export interface StartOptions {
  /** How often; all but the last only to measure the start. */
  readonly starts: number;
  readonly countsStatements?: boolean;
}

/** A running peer, people who talk to it, and what was measured so far. */
export class Contestant {
  private readonly loads: LoadResult[] = [];
  private readonly measurements = new Map<Level, Measurement[]>();
  private paced: Measurement | undefined;

  private constructor(
    private readonly bench: Bench,
    readonly peer: Peer,
    readonly process: PeerProcess,
    readonly target: Target,
    private readonly starts: readonly StartMeasurement[],
  ) {}

  static async start(bench: Bench, peer: Peer, { starts, countsStatements = false }: StartOptions = bench.plan): Promise<Contestant> {
    const measurements: StartMeasurement[] = [];
    for (let start = 1; ; start += 1) {
      bench.signal.throwIfAborted();
      const process = await startPeer(await toPeerStart(bench, peer, { isLast: start === starts, countsStatements }));
      await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
      measurements.push({ wallMs: process.startWallMs, cpuMs: process.startCpuMs, idleRssMB: toMB((await process.usage()).rssBytes) });
      if (start >= starts) return new Contestant(bench, peer, process, createTarget(bench, peer, process), measurements);
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

  /** Puts a load on the peer and gives what it cost. */
  async cost(options: LoadOptions): Promise<Measurement> {
    const before = await this.read();
    const load = await this.load(options);
    return toMeasurement(load, before, await this.read());
  }

  /** One of the plan's levels. */
  async measure(level: Level): Promise<void> {
    const measurement = await this.cost({ ...level, durationMs: this.bench.plan.roundMs });
    this.measurements.set(level, [...(this.measurements.get(level) ?? []), measurement]);
  }

  async pace(): Promise<void> {
    this.paced = await this.cost({ conversations: 1, people: PACED_PEOPLE, durationMs: this.bench.plan.pacedMs, ratePerSecond: PACED_PER_SECOND });
  }

  async read(): Promise<Reading> {
    const { cpuMs, rssBytes } = await this.process.usage();
    return { cpuMs, rssBytes, storeCpuMs: this.peer.store === 'postgres' ? (this.bench.postgres?.cpuMs() ?? 0) : 0 };
  }

  faults(): Readonly<Record<Fault, number>> {
    return sumFaults(this.loads);
  }

  async result(): Promise<PeerResult> {
    const loads = [...this.measurements].map(([level, rounds]) => ({ ...level, ...medianOf(rounds) }));
    if (!this.paced) throw new Error(`${this.peer.name} was not measured at a fixed rate.`);
    return {
      name: this.peer.name,
      title: this.peer.title,
      start: medianOf(this.starts),
      rssAfterLoadMB: toMB((await this.process.usage()).rssBytes),
      faults: this.faults(),
      loads,
      paced: { ...this.paced, ratePerSecond: PACED_PER_SECOND },
    };
  }

  async stop(): Promise<void> {
    await this.target.close();
    await this.process.stop();
  }
}

async function toPeerStart({ plan, service, postgres }: Bench, peer: Peer, options: { readonly isLast: boolean; readonly countsStatements: boolean }): Promise<Parameters<typeof startPeer>[0]> {
  const isProfiled = options.isLast && plan.profile === peer.name;
  const databaseUrl = peer.store === 'postgres' ? await postgres?.databaseUrl() : undefined;
  return {
    // This runs as dist/bench/run.mjs, beside the peers' bundles.
    file: join(__dirname, peer.bundle),
    settings: {
      appId: APP_ID,
      tenantId: TENANT_ID,
      serviceUrl: service.url,
      openIdMetadataUrl: service.openIdMetadataUrl,
      directLineSecret: DIRECT_LINE_SECRET,
      countsStatements: options.countsStatements,
      ...(databaseUrl !== undefined && { databaseUrl }),
    },
    logFile: `test/results/${peer.name}.log`,
    nodeArguments: ['--no-deprecation', ...(peer.nodeArguments ?? []), ...(isProfiled ? ['--cpu-prof', '--cpu-prof-dir=test/results'] : [])],
  };
}

function createTarget({ service }: Bench, peer: Peer, process: PeerProcess): Target {
  const token = service.token({ issuer: peer.issuer, audience: APP_ID, tenantId: TENANT_ID });
  return new Target({ name: peer.name, url: process.url, appId: APP_ID, token, script: peer.script, service });
}

export const toMB = (bytes: number): number => bytes / 1_048_576;
