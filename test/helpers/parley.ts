import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createApp, type Edges } from '../../bot/app';
import { loadConfig, type Environment } from '../../bot/config';
import { createLog } from '../../bot/log';
import { openTelemetry } from '../../bot/telemetry/telemetry';
import type { ShownActivity } from './channelConversation';
import { startFakeConnector, type FakeConnector } from './fakeConnector';
import type { FakeIdentity } from './fakeIdentity';
import type { FakeModelServer } from './fakeModelServer';
import { openTeamsChat, type TeamsChatOptions } from './teamsChat';
import { temporaryFolder } from './temporaryFolder';
import { openWebChat } from './webChat';

export interface ParleySetup {
  /** Settings beside those that the other options make. */
  readonly env?: Environment;
  /** The bot has an app id; callers are checked, and Teams checks the bot. Absent: loopback without tokens. */
  readonly identity?: FakeIdentity;
  /** Absent: the offline engine. */
  readonly model?: { readonly server: FakeModelServer; readonly as: 'azure' | 'openai' };
  /** A store that outlives this process; else one of its own. */
  readonly databaseFile?: string;
  readonly modelLimits?: Edges['modelLimits'];
  /** Beside or in place of those that the other options make. */
  readonly edges?: Edges;
}

/** Tests talk faster than people, and as one person in many conversations; test/bot/flood.test.ts sets limits of its own. */
const unlimited = { MESSAGES_PER_MINUTE: '0', CONVERSATION_MESSAGES_PER_MINUTE: '0', ADDRESS_MESSAGES_PER_MINUTE: '0' };

const assets = join(__dirname, '../../dist/web');

/** The whole application on a port of its own, between a fake Teams and whatever model is given. Call `close`. */
export async function startParley({ env = {}, identity, model, databaseFile, modelLimits, edges }: ParleySetup = {}) {
  if (!existsSync(join(assets, 'manifest.json'))) throw new Error('The page is not built: run "npm run build" before this suite ("npm test" does).');
  const folder = temporaryFolder();
  const teams = await startFakeConnector(identity && { identity });
  const logged: string[] = [];
  const databaseUrl = databaseFile ?? join(folder.path, 'parley.db');
  const config = loadConfig(environmentOf({ env, identity, model, databaseUrl, teams }));
  const telemetry = await openTelemetry(config.telemetry, { metricsEveryMs: 300, sendAfterMs: 50 });
  const log = createLog(env.LOG_LEVEL === undefined ? 'debug' : config.logLevel, telemetry, { write: (line: string) => void logged.push(line) });
  const app = await createApp(config, assets, log, {
    ...(identity && { openIdMetadataUrl: identity.openIdMetadataUrl, authorityUrl: identity.authorityUrl }),
    ...(modelLimits && { modelLimits }),
    ...(telemetry && { telemetry }),
    ...edges,
  });
  const { url } = await app.listen();
  const host: ParleyHost = { url, teams, identity, settled: () => settled(url) };
  return {
    ...host,
    /** Lines of the log, as JSON. */
    logged,
    teamsChat: (options: TeamsChatOptions = {}) => openTeamsChat(host, options),
    webChat: (lastToken?: string) => openWebChat(host, lastToken),
    /** Ends the application alone: what was given to `databaseFile` stays, and Teams too. */
    stop: () => app.close(),
    close: async () => {
      await app.close();
      await telemetry?.close();
      await teams.close();
      folder.remove();
    },
  };
}

export type Parley = Awaited<ReturnType<typeof startParley>>;

/** What the chats need of the application that they talk to. */
export interface ParleyHost {
  readonly url: string;
  readonly teams: FakeConnector;
  readonly identity: FakeIdentity | undefined;
  /** Resolves when everything that was accepted is answered and delivered. */
  readonly settled: () => Promise<void>;
}

/** The settings of a Parley between these parts, on a free port of loopback. */
export function environmentOf({ env = {}, identity, model, databaseUrl, teams }: Pick<ParleySetup, 'env' | 'model'> & { readonly identity?: FakeIdentity | undefined; readonly databaseUrl: string; readonly teams: FakeConnector }): Environment {
  return {
    HOST: '127.0.0.1',
    PORT: '0',
    ...unlimited,
    DATABASE_URL: databaseUrl,
    SERVICE_URL_HOSTS: new URL(teams.serviceUrl).host,
    ...identitySettings(identity),
    ...modelSettings(model),
    ...env,
  };
}

function identitySettings(identity: FakeIdentity | undefined): Environment {
  if (!identity) return {};
  const { appId, tenantId, password } = identity.account;
  return { MicrosoftAppId: appId, MicrosoftAppTenantId: tenantId, MicrosoftAppPassword: password };
}

function modelSettings(model: ParleySetup['model']): Environment {
  if (!model) return {};
  if (model.as === 'openai') return { OPENAI_BASE_URL: model.server.baseUrl, OPENAI_API_KEY: 'test-key', OPENAI_MODEL: 'test-model', MODEL_CONTEXT_TOKENS: '128000' };
  return { AZURE_OPENAI_ENDPOINT: model.server.url, AZURE_OPENAI_API_KEY: 'test-key', AZURE_OPENAI_DEPLOYMENT: 'test-model' };
}

/** Resolves when everything that was accepted at this address is answered and delivered. */
export async function settled(url: string): Promise<void> {
  for (;;) {
    const { backlog } = (await (await fetch(`${url}/readyz`)).json()) as { backlog: number };
    if (backlog === 0) return;
  }
}

/** What can be read in some messages: their text, or the words that stand for their cards. */
export const wordsOf = (shown: readonly ShownActivity[]): string => shown.map(({ text, summary }) => [text, summary].filter(Boolean).join('\n')).join('\n');
