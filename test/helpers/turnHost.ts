import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Activity } from 'botbuilder';
import { pino, type Logger } from 'pino';
import { createOfflineEngine } from '../../ai/offline/engine';
import { createAdapter } from '../../bot/adapter';
import { createConnectors } from '../../bot/connector/httpConnector';
import { createTurnEngine, type TurnEngine } from '../../bot/turns/engine';
import { createMetrics } from '../../bot/metrics';
import type { BotLogic, RunnerOptions } from '../../bot/turns/run';
import type { Database } from '../../state/database';
import { openDatabase } from '../../state/openDatabase';
import { createTurnStore } from '../../state/turns';
import { startFakeConnector, type FakeConnector } from './fakeConnector';
import { temporaryFolder } from './temporaryFolder';

/** The turn engine on a real store and a real connector client, with a fake Teams behind and bot logic of the test's own. */
export interface TurnHost {
  readonly teams: FakeConnector;
  readonly database: Database;
  readonly turns: TurnEngine;
  readonly options: RunnerOptions;
  /** Another engine on the same store, as a restarted process has it. */
  restart(bot: BotLogic): TurnEngine;
  close(): Promise<void>;
}

interface Shared {
  readonly databaseUrl?: string;
  readonly teams?: FakeConnector;
  readonly log?: Logger;
  /** Of one call to the channel. */
  readonly timeoutMs?: number;
}

/** `databaseUrl`: a store that others use too; `teams`: a channel that others serve too. Else ones of its own. */
export async function startTurnHost(bot: BotLogic, shared: Shared = {}): Promise<TurnHost> {
  const folder = temporaryFolder();
  const teams = shared.teams ?? (await startFakeConnector());
  const log = shared.log ?? pino({ level: 'silent' });
  const database = await openDatabase(shared.databaseUrl ?? join(folder.path, 'turns.db'));
  const offline = createOfflineEngine();
  const connectors = createConnectors({ token: async () => undefined, log, ...(shared.timeoutMs !== undefined && { timeoutMs: shared.timeoutMs }) });
  const options: RunnerOptions = {
    ...createAdapter('28:bot', connectors.for),
    store: createTurnStore(database),
    database,
    engineFor: () => offline,
    connectorFor: connectors.for,
    publicUrl: () => 'http://localhost',
    filesOf: () => [],
    forgetConversation: async () => undefined,
    bot,
    metrics: createMetrics(),
    log,
  };
  return {
    teams,
    database,
    turns: createTurnEngine(options),
    options,
    restart: (logic) => createTurnEngine({ ...options, bot: logic }),
    close: async () => {
      await connectors.close();
      if (!shared.teams) await teams.close();
      await database.close();
      folder.remove();
    },
  };
}

/** A message as Teams sends it. */
export function teamsMessage(serviceUrl: string, conversationId: string, text: string, more: Partial<Activity> = {}): Activity {
  return {
    type: 'message',
    id: `${Date.now()}-${randomUUID()}`,
    channelId: 'msteams',
    serviceUrl,
    text,
    timestamp: new Date().toISOString(),
    locale: 'en-US',
    from: { id: '29:ada', name: 'Ada', aadObjectId: 'ada' },
    recipient: { id: '28:bot', name: 'Parley' },
    conversation: { id: conversationId, conversationType: 'personal', tenantId: 'tenant' },
    ...more,
    // a test states what a channel sends, which is less than the SDK's type asks for
  } as unknown as Activity;
}
