import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Activity } from 'botbuilder';
import type { Logger } from 'pino';
import type { Server } from 'restify';
import type { ModelLimits } from '../ai/openaiConnection';
import type { Database } from '../state/database';
import { createTurnStore, type TurnStore } from '../state/turns';
import { sharedSecret } from '../state/secrets';
import { createDocumentReader, type DocumentReader } from '../threads/documentReader';
import { openThread } from '../threads/shelf';
import { createAdapter } from './adapter';
import { AuditSealer } from './auditSealer';
import { createBot } from './bot';
import { createBudgets, type Budgets } from './budgets';
import { createChannelAccess, type ChannelAccess, type IdentityEdges } from './channelAccess';
import type { SendLimit } from './channels';
import type { Config } from './config';
import type { ConnectorFor } from './connector/connector';
import { createConnectors, type Connectors } from './connector/httpConnector';
import { createDirectLine, type DirectLine, type DirectLineOptions } from './directLine/directLine';
import { filesOf } from './files';
import { limitFloods } from './flood';
import { createGates, type Gates } from './gates';
import { createInvokes } from './invokes';
import { isLoopback } from './loopback';
import { mountMedia } from './media';
import { contentFree } from './log';
import { measureDatabase } from './measuredDatabase';
import { createMetrics, type Metrics } from './metrics';
import { createDataFiles, type DataFiles } from './myData';
import { createMemoryKeeper, type MemoryKeeper } from './memory/keeper';
import { mountMetrics, observeRequests } from './metricsRoute';
import { createEngines, type Engines } from './model';
import { mountPages } from './pages';
import { Retention } from './retention';
import { createHttpServer } from './server';
import { createMemberships } from './sources/memberships';
import { membersByGraph, openTeams, type GraphEdges, type TeamsAccess } from './sources/openTeams';
import { openStore } from './store';
import type { Telemetry } from './telemetry/telemetry';
import { inSpan } from './telemetry/tracing';
import { createTurnEngine, type TurnEngine } from './turns/engine';
import type { RunnerOptions } from './turns/run';
import { mountWebChatToken } from './webChatToken';

/** The places outside that tests and other clouds replace. */
export interface Edges extends IdentityEdges, GraphEdges {
  readonly modelLimits?: Partial<ModelLimits>;
  /** What the channel takes, instead of what Teams does. */
  readonly sendLimits?: readonly SendLimit[];
  /** Stands around the store of turns, and around the connectors: what happens between two durable steps can be made to happen there. */
  readonly turnStore?: (store: TurnStore) => TurnStore;
  readonly connectorFor?: (connectorFor: ConnectorFor) => ConnectorFor;
  /** Where it is told what happens; absent: nowhere. */
  readonly telemetry?: Telemetry;
}

export interface App {
  /** Takes up unfinished turns and listens. Gives the address to open. */
  listen(): Promise<{ readonly url: string }>;
  /** Answers what was accepted (20 seconds at most), then closes everything. */
  close(): Promise<void>;
}

/** The "service URL" of the embedded Direct Line: its replies never leave the process. */
const DIRECT_LINE_URL = 'urn:parley:directline';
const AZURE_DIRECT_LINE_ORIGIN = 'https://directline.botframework.com';
/** Beside the browser's files (build.mjs). */
const READER_PROGRAM = '../readerProgram.mjs';
const DRAIN_LIMIT_MS = 20_000;
/** With replicas, requests go on being served until balancers have seen that this one is not ready any more. */
const LEAVE_MS = 3_000;

/** The composition root: builds every service once and hands it down. `assetsDirectory`: dist/web of the build. Throws StateError when the store cannot be opened. */
export async function createApp(config: Config, assetsDirectory: string, givenLog: Logger, edges: Edges = {}): Promise<App> {
  const metrics = createMetrics();
  const closing = new AbortController();
  const database = measureDatabase(await openStore(config, closing.signal, contentFree(givenLog, randomBytes(32))), metrics);
  const log = contentFree(givenLog, await sharedSecret(database, 'log'));
  for (const warning of config.warnings) log.warn(warning);
  const access = createChannelAccess({ config, edges, signal: closing.signal, metrics, log });
  const teams = openTeams(config, edges, { signal: closing.signal, log });
  const connectors = createConnectors({ token: access.token, isAllowed: access.isAllowed, log, metrics, ...(edges.sendLimits && { sendLimits: edges.sendLimits }) });
  let url = config.publicUrl ?? '';
  let isDraining = false;
  const publicUrl = (): string => url;

  const botId = config.identity.kind === 'none' ? 'parley' : config.identity.appId;
  const gates = createGates(config, metrics);
  const directLine = openDirectLine(config, gates, { database, botId, publicUrl, log, deliver: (activity) => accept(activity) });
  const dataFiles = await createDataFiles({ database, publicUrl, log });
  const documents = createDocumentReader({ program: join(assetsDirectory, READER_PROGRAM), closing: closing.signal });
  const budgets = await openBudgets(config, database, metrics, log);
  const engines = createEngines(config, { log, metrics, ...(budgets && { gate: budgets }), media: { fetchImage: access.downloadPicture, voice: config.voice }, signal: closing.signal, ...(edges.modelLimits && { limits: edges.modelLimits }), ...(edges.telemetry && { tracing: edges.telemetry.tracing }) });
  const memories = createMemoryKeeper({ database, engineFor: engines.engineFor, log });
  const runner = createRunner({ config, access, dataFiles, database, engines, memories, budgets, connectors, directLine, documents, teams, publicUrl, metrics, log, botId, edges });
  const turns = createTurnEngine(runner);
  const sealer = new AuditSealer(database, config.audit, log);
  const retention = new Retention(database, config.retentionMs, log);
  metrics.backlog(() => turns.queue());
  const accept = limitFloods(gates.floods, (activity) => inSpan(edges.telemetry?.tracing, 'accept', () => turns.accept(activity)));

  const server = createHttpServer({
    authenticate: access.authenticate,
    accept,
    noteUnacknowledged: (activity, postedAtMs) => turns.noteUnacknowledged(activity, postedAtMs),
    answerInvoke: createInvokes(runner, gates.floods, accept),
    checkStore: () => reach(database),
    backlog: () => turns.backlog,
    isDraining: () => isDraining,
    limits: gates.host,
    log,
  });
  const stopWatching = metrics.watchProcess();
  edges.telemetry?.attach({ server, metrics, log });
  await mountServices(server, { config, assetsDirectory, dataFiles, database, directLine, gates, metrics, modelName: engines.modelName, takesRecordings: engines.gateway?.offers('transcribe') ?? false, publicUrl, log });

  return {
    listen: async () => {
      const address = await listen(server, config.port, config.host);
      url ||= `http://localhost:${address.port}`;
      await turns.recover();
      sealer.start();
      retention.start();
      return { url };
    },
    close: async () => {
      isDraining = true;
      if (database.isShared) await sleep(LEAVE_MS);
      stopWatching();
      await retention.stop();
      await closeAll(server, turns, memories, directLine, connectors, sealer, database);
      await teams?.graph.close();
      closing.abort();
    },
  };
}

interface MountedParts extends Pick<RunnerParts, 'config' | 'dataFiles' | 'database' | 'directLine' | 'publicUrl' | 'metrics' | 'log'> {
  readonly assetsDirectory: string;
  readonly gates: Gates;
  readonly modelName: string | undefined;
  readonly takesRecordings: boolean;
}

/** What the server offers beside the Bot Framework endpoint and the probes. */
async function mountServices(server: Server, { config, assetsDirectory, dataFiles, database, directLine, gates, metrics, modelName, takesRecordings, publicUrl, log }: MountedParts): Promise<void> {
  const { azureDirectLineSecret: azureSecret, webChatOrigins: allowedOrigins } = config;
  observeRequests(server, metrics);
  mountMetrics(server, { metrics, token: config.metricsToken, isOnLoopback: isLoopback(config.host), log });
  directLine.mount(server);
  mountWebChatToken(server, { directLine, azureSecret, allowedOrigins, publicUrl, limitAddress: gates.limitAddress, log });
  mountMedia(server, { database, log });
  dataFiles.mount(server);
  await mountPages(server, {
    assetsDirectory,
    modelName,
    takesRecordings,
    publicUrl,
    allowedFrameAncestors: allowedOrigins,
    maxUploadBytes: config.maxUploadBytes,
    openThread: (id) => openThread(database, id),
    ...(azureSecret !== undefined && { connectOrigins: [AZURE_DIRECT_LINE_ORIGIN] }),
  });
}

async function reach(database: Database): Promise<void> {
  await database.query('SELECT 1 AS one');
}

function openDirectLine(config: Config, { limitAddress, streamsOf }: Gates, parts: Pick<DirectLineOptions, 'database' | 'botId' | 'publicUrl' | 'log' | 'deliver'>): DirectLine {
  return createDirectLine({
    ...parts,
    serviceUrl: DIRECT_LINE_URL,
    allowedOrigins: config.webChatOrigins,
    maxUploadBytes: config.maxUploadBytes,
    limitAddress,
    streamsOf,
    ...(config.directLineSecret !== undefined && { secret: config.directLineSecret }),
  });
}

async function openBudgets({ budgets }: Config, database: Database, metrics: Metrics, log: Logger): Promise<Budgets | undefined> {
  if (budgets.length === 0) return undefined;
  return createBudgets({ budgets, database, secret: await sharedSecret(database, 'budgets'), metrics, log });
}

interface RunnerParts {
  readonly config: Config;
  readonly access: ChannelAccess;
  readonly dataFiles: DataFiles;
  readonly database: Database;
  readonly engines: Engines;
  readonly memories: MemoryKeeper;
  readonly budgets: Budgets | undefined;
  readonly connectors: Connectors;
  readonly directLine: DirectLine;
  readonly documents: DocumentReader;
  readonly teams: TeamsAccess | undefined;
  readonly publicUrl: () => string;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly botId: string;
  readonly edges: Edges;
}

function createRunner({ config, access, dataFiles, database, engines, memories, budgets, connectors, directLine, documents, teams, publicUrl, metrics, log, botId, edges }: RunnerParts): RunnerOptions {
  const connectorOf: ConnectorFor = (serviceUrl) => (serviceUrl === DIRECT_LINE_URL ? directLine.connector : connectors.for(serviceUrl));
  const connectorFor = edges.connectorFor?.(connectorOf) ?? connectorOf;
  const store = createTurnStore(database);
  return {
    ...createAdapter(botId, connectorFor),
    store: edges.turnStore?.(store) ?? store,
    database,
    engineFor: engines.engineFor,
    ...(budgets && { budgets }),
    connectorFor,
    publicUrl,
    linkHosts: config.linkHosts,
    sources: { database, connectorFor, memberships: createMemberships({ connectorFor, ...(teams && { otherwise: membersByGraph(teams.graph) }) }), ...(teams && { teams }) },
    tendMemory: (asker) => memories.tend(asker),
    mediaLifetimeMs: config.mediaLifetimeMs,
    dataUrl: (userKey) => dataFiles.urlFor(userKey),
    withoutModeration: config.withoutModeration,
    filesOf: (activity) => filesOf(activity, { maxBytes: config.maxUploadBytes, readOwn: (contentUrl) => directLine.readAttachment(contentUrl), download: access.download, parse: (file, signal) => documents.read(file, signal) }),
    forgetConversation: async ({ serviceUrl, conversation }: Partial<Activity>) => {
      if (serviceUrl === DIRECT_LINE_URL && conversation) await directLine.forget(conversation.id);
    },
    ...(edges.telemetry && { tracing: edges.telemetry.tracing }),
    bot: createBot(log),
    metrics,
    log,
  };
}

function listen(server: Server, port: number, host: string): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', reject); // restify passes on what its server says; nobody there to hear it ends the process
    // A TCP server's address is an AddressInfo.
    server.listen(port, host, () => resolve(server.address()));
  });
}

async function closeAll(server: Server, turns: TurnEngine, memories: MemoryKeeper, directLine: DirectLine, connectors: Connectors, sealer: AuditSealer, database: Database): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  await turns.drain(DRAIN_LIMIT_MS);
  await memories.close();
  await directLine.close();
  server.server.closeAllConnections();
  await closed;
  await connectors.close();
  await sealer.stop();
  await database.close();
}
