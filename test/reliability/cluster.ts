import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startFakeModelServer, type FakeModelServer } from '../helpers/fakeModelServer';
import { temporaryFolder } from '../helpers/temporaryFolder';
import { attentively, isAttentive } from './attentiveModel';
import { startBalancer, type Balancer } from './balancer';
import { startChannel, type Channel } from './channel';
import type { TurnPoint } from './turnPoints';
import { inParallel } from './load';
import type { ReplicaSettings } from './replica';
import { freePort, startReplica, type Replica } from './replicaProcess';

export interface ClusterOptions {
  /** Names its logs under test/results. */
  readonly name: string;
  /** How many processes; with several, a balancer stands before them. */
  readonly replicas?: number;
  /** Absent: a SQLite file of its own. */
  readonly databaseUrl?: string;
  /** With a model that answers attentively (attentiveModel.ts); else the offline engine. */
  readonly withModel?: boolean;
  /** With a model: which texts are answers; else only whole answers of that model. */
  readonly isAnswer?: (text: string) => boolean;
  /** Settings beside those of the parts. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Parley as it is deployed, between a Teams and a model that are played. Call `close`. */
export interface Cluster {
  readonly channel: Channel;
  /** Throws where the cluster has none. */
  readonly model: FakeModelServer;
  readonly balancer: Balancer;
  readonly databaseUrl: string;
  /** The processes that run now, by their place. */
  readonly replicas: readonly Replica[];
  /** Ends a process, without notice or in an orderly way (which takes as long as it says), and resolves with that time in ms. */
  stop(index: number, signal: 'SIGKILL' | 'SIGTERM'): Promise<number>;
  /** From now on the process ends itself at this point of its next turn. `ended` resolves then. */
  crashAt(index: number, point: TurnPoint): Promise<{ readonly ended: Promise<unknown> }>;
  /** Starts another process in the place of one that has ended. */
  start(index: number): Promise<void>;
  /** Resolves when no process has anything left to do. */
  settled(limitMs?: number): Promise<void>;
  /** Ends everything. Throws when a process had ended that nobody told to, or the model had to object. */
  close(): Promise<void>;
}

const LOGS = join(__dirname, '../results/reliability-logs');

export async function startCluster({ name, replicas: count = 1, databaseUrl, withModel = false, isAnswer = isAttentive, env = {} }: ClusterOptions): Promise<Cluster> {
  const folder = temporaryFolder();
  const model = withModel ? await startFakeModelServer() : undefined;
  model?.answerWith((call) => attentively(call));
  const replicas: Replica[] = [];
  const told = new Set<Replica>();
  const surprises: string[] = [];
  const balancer = await startBalancer(() => replicas.map(({ url }) => url));
  const channel = await startChannel({ botUrl: balancer.url, ...(withModel && { isAnswer }) });
  const store = databaseUrl ?? join(folder.path, 'parley.db');
  const ports = await inParallel(count, count, freePort); // each place keeps its own, as behind a real balancer
  const settings = settingsOf({ channel, model, env: { DATABASE_URL: store, PUBLIC_URL: balancer.url, ...env }, name, count });

  const start = async (index: number): Promise<void> => {
    const replica = await startReplica(settings(index), ports[index] ?? raise(`There is no place ${index}.`));
    replicas[index] = replica;
    void replica.ended.then((code) => !told.has(replica) && surprises.push(`Replica ${index} ended by itself (${code ?? 'signal'}).`));
  };
  await start(0); // the first one makes the tables
  await Promise.all(Array.from({ length: count - 1 }, (_, index) => start(index + 1)));
  await balancer.check();

  const at = (index: number): Replica => replicas[index] ?? raise(`There is no replica ${index}.`);
  const stop: Cluster['stop'] = async (index, signal) => {
    const replica = at(index);
    told.add(replica);
    const startedAt = performance.now();
    replica.signal(signal);
    await replica.ended;
    return performance.now() - startedAt;
  };
  return {
    channel,
    get model() {
      return model ?? raise('This cluster has no model.');
    },
    balancer,
    databaseUrl: store,
    replicas,
    stop,
    crashAt: async (index, point) => {
      const replica = at(index);
      told.add(replica);
      await replica.signalAt(point, 'SIGKILL');
      return { ended: replica.ended };
    },
    start,
    settled: (limitMs = 30_000) => settle(replicas, limitMs),
    close: async () => {
      for (const [index, replica] of replicas.entries()) {
        if (replica.isRunning) replica.signal('SIGCONT');
        if (replica.isRunning) await stop(index, 'SIGKILL');
      }
      await balancer.close();
      await channel.close();
      await model?.close();
      folder.remove();
      if (surprises.length > 0) throw new Error(surprises.join('\n'));
    },
  };
}

interface Parts {
  readonly name: string;
  readonly channel: Channel;
  readonly model: FakeModelServer | undefined;
  readonly count: number;
  readonly env: Readonly<Record<string, string>>;
}

function settingsOf({ name, channel: { identity, teams }, model, count, env }: Parts): (index: number) => ReplicaSettings {
  mkdirSync(LOGS, { recursive: true });
  return (index) => ({
    openIdMetadataUrl: identity.openIdMetadataUrl,
    logFile: join(LOGS, `${name}-${index}.log`),
    env: {
      HOST: '127.0.0.1',
      // One machine speaks for everybody here, as fast as it can.
      MESSAGES_PER_MINUTE: '0',
      CONVERSATION_MESSAGES_PER_MINUTE: '0',
      ADDRESS_MESSAGES_PER_MINUTE: '0',
      REPLICAS: String(count),
      TRUSTED_PROXY_HOPS: '1', // the balancer
      MicrosoftAppId: identity.account.appId,
      MicrosoftAppTenantId: identity.account.tenantId,
      MicrosoftAppPassword: 'unused-in-this-suite',
      SERVICE_URL_HOSTS: new URL(teams.serviceUrl).host,
      ...(model && { OPENAI_BASE_URL: model.baseUrl, OPENAI_API_KEY: 'test-key', OPENAI_MODEL: 'test-model' }),
      ...env,
    },
  });
}

function raise(message: string): never {
  throw new Error(message);
}

async function settle(replicas: readonly Replica[], limitMs: number): Promise<void> {
  const endsAt = performance.now() + limitMs;
  for (;;) {
    const backlogs = await Promise.all(replicas.filter(({ isRunning }) => isRunning).map(({ url }) => backlogOf(url)));
    if (backlogs.every((backlog) => backlog === 0)) return;
    if (performance.now() > endsAt) throw new Error(`After ${limitMs} ms the backlogs are ${backlogs.join(', ')}.`);
    await sleep(100);
  }
}

async function backlogOf(url: string): Promise<number | undefined> {
  const answer = await fetch(`${url}/readyz`, { headers: { connection: 'close' } }).catch(() => undefined);
  return answer && ((await answer.json()) as { backlog: number }).backlog;
}
