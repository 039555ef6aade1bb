import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Identity } from '../ai/credential';
import { apis, type DeploymentTable } from '../ai/deployments';
import type { AuditOptions } from './auditSealer';
import { budget, mergeBudgets } from './budgetSetting';
import { clouds, type Cloud, type CloudName } from './cloud';
import { deploymentsOf } from './deploymentSettings';
import { readDeploymentsFile, type DeploymentsFile } from './deploymentsFile';
import type { Budget } from './budgets';
import type { AllowedCaller } from './serviceUrls';
import { checkProcess, checkSettings, misspeltSettings } from './settingChecks';
import { apiVersion, caller, connectionString, count, flag, guid, headers, host, httpUrl, isStore, key, list, origin, port, secret } from './settingShapes';
import type { TelemetryConfig } from './telemetry/telemetry';
import { telemetryOf } from './telemetrySettings';

/** How the bot proves who it is to Bot Framework. `none`: no app id; loopback only, callers are not checked. */
export type BotIdentity =
  | { readonly kind: 'none' }
  | { readonly kind: 'secret'; readonly appId: string; readonly tenantId: string; readonly password: string }
  | { readonly kind: 'managed-identity'; readonly appId: string; readonly tenantId: string };

/** Everything that can be set, checked. */
export interface Config {
  readonly host: string;
  readonly port: number;
  /** Base of links that people open, without a slash at the end; absent: the address that the server listens on. */
  readonly publicUrl?: string;
  /** The path of a SQLite file, or the address of a PostgreSQL database. */
  readonly databaseUrl: string;
  /** Connections to PostgreSQL at most; one more hears announcements. */
  readonly databasePoolSize: number;
  /** Whose Entra ID tokens are the store's password; absent: the address has one, or none is needed. */
  readonly databaseIdentity?: Identity;
  readonly identity: BotIdentity;
  readonly cloud: Cloud;
  /** Tenants whose people may talk to the bot; empty: every tenant that Bot Framework lets through. */
  readonly allowedTenants: readonly string[];
  /** Hosts besides Microsoft's own that a service URL may name: `host`, `host:port` or `http://host:port`. */
  readonly serviceUrlHosts: readonly string[];
  /** Bots that may use this one as their skill. */
  readonly allowedCallers: readonly AllowedCaller[];
  /** The Bot Framework Emulator on this machine may call, with the bot's own credentials. */
  readonly allowsEmulator: boolean;
  readonly webChatOrigins: readonly string[];
  /** Hosts (host or host:port, subdomains included) that a model's words may link to. */
  readonly linkHosts: readonly string[];
  readonly directLineSecret?: string;
  /** Secret of Azure's Direct Line: the web chat then talks to Azure's service instead of the embedded one. */
  readonly azureDirectLineSecret?: string;
  /** Models that can be asked; empty: the offline engine. */
  readonly deployments: DeploymentTable;
  /** Whose tokens of Entra ID models and store are asked with, where they are. */
  readonly azureIdentity: Identity;
  readonly maxUploadBytes: number;
  /** What may be asked of model services in a day; empty: nothing is limited. */
  readonly budgets: readonly Budget[];
  readonly audit: AuditOptions;
  /** What is older of what people said and gave is deleted; Infinity: nothing is. */
  readonly retentionMs: number;
  /** Of pictures and recordings that were made for people. */
  readonly mediaLifetimeMs: number;
  /** Of a million tokens in training, in whatever money the service takes; absent: not known. */
  readonly fineTuningPrice?: number;
  /** Who reads aloud, as the service names voices. */
  readonly voice: string;
  /** What is to be moderated while no moderation answers: `hold` shows none of it, `hold-public` only what one person alone reads, `show` all. */
  readonly withoutModeration: 'hold' | 'hold-public' | 'show';
  /** Bearer of `GET /metrics`; absent: this machine reads them without one, and nobody else. */
  readonly metricsToken?: string;
  /** Proxies in front of us that write X-Forwarded-For; 0: people reach us directly. */
  readonly trustedProxyHops: number;
  readonly maxConnections: number;
  /** Of one address; more are cut. Infinity: no limit. */
  readonly maxConnectionsPerAddress: number;
  /** What one person, one conversation, and the web chats of one address may send; Infinity: no limit. */
  readonly messagesPerMinute: { readonly person: number; readonly conversation: number; readonly address: number };
  readonly telemetry: TelemetryConfig;
  readonly logLevel: LogLevel;
  /** What looks wrong but may be meant: sentences for the log. */
  readonly warnings: readonly string[];
}

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** The settings cannot be used; `problems` has one sentence each, naming the setting and the mend. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(readonly problems: readonly string[]) {
    super(`The settings need attention:\n${problems.map((problem) => `- ${problem}`).join('\n')}`);
  }
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads all settings (names and defaults: .env.example). Throws ConfigError with every problem found, never only the first. */
export function loadConfig(env: Environment): Config {
  const given = withoutBlanks(env);
  const parsed = settings.safeParse(given);
  const file = readDeployments(given);
  const problems = [...(parsed.success ? checkSettings(parsed.data) : problemsOf(given, parsed.error)), ...checkProcess(given), ...file.problems];
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems);
  const deployments = given['DEPLOYMENTS_FILE'] ?? given['DEPLOYMENTS_TABLE'] ? file.deployments : deploymentsOf(parsed.data);
  return toConfig(parsed.data, deployments, misspeltSettings(given, [...Object.keys(settings.shape), ...file.keyNames]));
}

function readDeployments(given: Environment): DeploymentsFile {
  const { DEPLOYMENTS_FILE: path, DEPLOYMENTS_TABLE: table } = given;
  if (table !== undefined && path === undefined) return readDeploymentsFile(table, (name) => given[name], 'DEPLOYMENTS_TABLE');
  if (path === undefined || table !== undefined) return { deployments: {}, keyNames: [], problems: [] };
  try {
    return readDeploymentsFile(readFileSync(path, 'utf8'), (name) => given[name]);
  } catch {
    return { deployments: {}, keyNames: [], problems: [`DEPLOYMENTS_FILE must be a file that can be read: ${path} is none.`] };
  }
}

const settings = z.object({
  HOST: z.string().optional(),
  PORT: port.default(3978),
  PUBLIC_URL: httpUrl.optional(),
  DATABASE_URL: z.string().default('data/parley.db')
    .refine(isStore, 'must be the path of a SQLite file, such as data/parley.db, or an address such as postgresql://user:password@host:5432/database?sslmode=verify-full, with special characters of the password as %XX'),
  DATABASE_POOL_SIZE: count.min(1, 'must be 1 to 100').max(100, 'must be 1 to 100').default(10),
  DATABASE_ENTRA_AUTH: flag,
  REPLICAS: count.min(1, 'must be 1 or more').default(1),
  MicrosoftAppId: guid.optional(),
  MicrosoftAppType: z.enum(['MultiTenant', 'SingleTenant', 'UserAssignedMSI'], { error: 'must be SingleTenant, UserAssignedMSI or MultiTenant' }).default('SingleTenant'),
  MicrosoftAppTenantId: guid.optional(),
  MicrosoftAppPassword: secret.optional(),
  ChannelService: z.enum(Object.keys(clouds) as CloudName[], { error: `must be empty or one of ${Object.keys(clouds).filter(Boolean).join(', ')}` }).default(''),
  ALLOWED_TENANTS: list.pipe(z.array(guid)),
  SERVICE_URL_HOSTS: list.pipe(z.array(host)),
  AllowedCallers: list.pipe(z.array(caller)),
  ALLOW_EMULATOR: flag,
  WEBCHAT_ALLOWED_ORIGINS: list.pipe(z.array(origin)),
  LINK_HOSTS: list.pipe(z.array(host)),
  DIRECT_LINE_EMBEDDED_SECRET: secret.optional(),
  DIRECT_LINE_SECRET: secret.optional(),
  DEPLOYMENTS_FILE: z.string().optional(),
  DEPLOYMENTS_TABLE: z.string().optional(),
  AZURE_OPENAI_ENDPOINT: httpUrl.optional(),
  AZURE_OPENAI_API_VERSION: apiVersion.default('v1'),
  AZURE_OPENAI_API_KEY: key.optional(),
  AZURE_OPENAI_DEPLOYMENT: z.string().optional(),
  AZURE_OPENAI_CODE_DEPLOYMENT: z.string().optional(),
  AZURE_OPENAI_SUMMARIZE_DEPLOYMENT: z.string().optional(),
  AZURE_OPENAI_TRANSLATE_DEPLOYMENT: z.string().optional(),
  AZURE_OPENAI_EMBEDDINGS_DEPLOYMENT: z.string().optional(),
  AZURE_OPENAI_IMAGES_DEPLOYMENT: z.string().optional(),
  AZURE_OPENAI_TRANSCRIBE_DEPLOYMENT: z.string().optional(),
  AZURE_OPENAI_SPEAK_DEPLOYMENT: z.string().optional(),
  AZURE_OPENAI_MODERATE_DEPLOYMENT: z.string().optional(),
  AZURE_CLIENT_ID: z.string().optional(),
  AZURE_TENANT_ID: z.string().optional(),
  AZURE_FEDERATED_TOKEN_FILE: z.string().optional(),
  OPENAI_BASE_URL: httpUrl.optional(),
  OPENAI_API_KEY: key.optional(),
  OPENAI_MODEL: z.string().optional(),
  OPENAI_CODE_MODEL: z.string().optional(),
  OPENAI_SUMMARIZE_MODEL: z.string().optional(),
  OPENAI_TRANSLATE_MODEL: z.string().optional(),
  OPENAI_EMBEDDINGS_MODEL: z.string().optional(),
  OPENAI_IMAGES_MODEL: z.string().optional(),
  OPENAI_TRANSCRIBE_MODEL: z.string().optional(),
  OPENAI_SPEAK_MODEL: z.string().optional(),
  OPENAI_MODERATE_MODEL: z.string().optional(),
  MODEL_API: z.enum(apis, { error: `must be one of ${apis.join(', ')}` }).default('chat-completions'),
  MODEL_CONTEXT_TOKENS: count.min(2_000, 'must be 2000 or more').optional(),
  MAX_UPLOAD_MB: z.coerce.number({ error: 'must be a number' }).min(1, 'must be 1 to 25').max(25, 'must be 1 to 25').default(10),
  RETENTION_DAYS: count.max(36_500, 'must be 0 to 36500').default(365),
  MEDIA_DAYS: count.min(1, 'must be 1 to 365').max(365, 'must be 1 to 365').default(7),
  SPEECH_VOICE: z.string().regex(/^[\w.-]{1,100}$/, 'must be a name such as alloy').default('alloy'),
  WITHOUT_MODERATION: z.enum(['hold', 'hold-public', 'show'], { error: 'must be hold, hold-public or show' }).default('hold-public'),
  BUDGETS: list.pipe(z.array(budget)).transform(mergeBudgets),
  FINE_TUNING_PRICE: z.coerce.number({ error: 'must be a number' }).min(0, 'must be 0 or more').optional(),
  AUDIT_KEY: secret.optional(),
  AUDIT_DAYS: count.default(400),
  METRICS_TOKEN: secret.optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: httpUrl.optional(),
  OTEL_EXPORTER_OTLP_HEADERS: headers,
  OTEL_SERVICE_NAME: z.string().regex(/^[\w.-]{1,100}$/, 'must be a name such as parley').default('parley'),
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number({ error: 'must be a number' }).min(0, 'must be 0 to 1').max(1, 'must be 0 to 1').default(1),
  APPLICATIONINSIGHTS_CONNECTION_STRING: connectionString.optional(),
  TRUSTED_PROXY_HOPS: z.coerce.number({ error: 'must be a number' }).int('must be a whole number').min(0, 'must be 0 to 10').max(10, 'must be 0 to 10').default(0),
  MAX_CONNECTIONS: count.min(1, 'must be 1 or more').default(10_000),
  MAX_CONNECTIONS_PER_ADDRESS: count.default(1_000),
  MESSAGES_PER_MINUTE: count.default(60),
  CONVERSATION_MESSAGES_PER_MINUTE: count.default(300),
  ADDRESS_MESSAGES_PER_MINUTE: count.default(600),
  LOG_LEVEL: z.enum(logLevels, { error: `must be one of ${logLevels.join(', ')}` }).default('info'),
});

export type Settings = z.infer<typeof settings>;

/** What is wrong with single settings, and what does not fit together among the others: a wrong one is not called missing too. */
function problemsOf(given: Environment, { issues }: z.ZodError): readonly string[] {
  const wrong = [...new Set(issues.map(({ path }) => String(path[0])))];
  const rest = settings.safeParse(Object.fromEntries(Object.entries(given).filter(([name]) => !wrong.includes(name))));
  const unfit = rest.success ? checkSettings(rest.data).filter((problem) => !wrong.some((name) => problem.includes(name))) : [];
  return [...issues.map(toProblem), ...unfit];
}

/** An empty line in a .env file means "not set". */
function withoutBlanks(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value.trim() !== ''));
}

function toProblem(issue: z.core.$ZodIssue): string {
  return `${String(issue.path[0] ?? 'A setting')} ${issue.message}.`;
}

function toConfig(env: Settings, deployments: DeploymentTable, warnings: readonly string[]): Config {
  return {
    host: env.HOST ?? (env.MicrosoftAppId ? '0.0.0.0' : '127.0.0.1'),
    port: env.PORT,
    publicUrl: env.PUBLIC_URL,
    databaseUrl: env.DATABASE_URL,
    databasePoolSize: env.DATABASE_POOL_SIZE,
    ...(env.DATABASE_ENTRA_AUTH && { databaseIdentity: toAzureIdentity(env) }),
    identity: toIdentity(env),
    cloud: clouds[env.ChannelService],
    allowedTenants: env.ALLOWED_TENANTS,
    serviceUrlHosts: env.SERVICE_URL_HOSTS,
    allowedCallers: env.AllowedCallers,
    allowsEmulator: env.ALLOW_EMULATOR,
    webChatOrigins: env.WEBCHAT_ALLOWED_ORIGINS.map((origin) => new URL(origin).origin),
    linkHosts: env.LINK_HOSTS,
    directLineSecret: env.DIRECT_LINE_EMBEDDED_SECRET,
    azureDirectLineSecret: env.DIRECT_LINE_SECRET,
    deployments,
    azureIdentity: toAzureIdentity(env),
    maxUploadBytes: env.MAX_UPLOAD_MB * 1024 * 1024,
    budgets: env.BUDGETS,
    audit: { keptMs: limitOf(env.AUDIT_DAYS) * 24 * 60 * 60_000, ...(env.AUDIT_KEY !== undefined && { key: env.AUDIT_KEY }) },
    retentionMs: limitOf(env.RETENTION_DAYS) * 24 * 60 * 60_000,
    mediaLifetimeMs: env.MEDIA_DAYS * 24 * 60 * 60 * 1000,
    ...(env.FINE_TUNING_PRICE !== undefined && { fineTuningPrice: env.FINE_TUNING_PRICE }),
    voice: env.SPEECH_VOICE,
    withoutModeration: env.WITHOUT_MODERATION,
    trustedProxyHops: env.TRUSTED_PROXY_HOPS,
    maxConnections: env.MAX_CONNECTIONS,
    maxConnectionsPerAddress: limitOf(env.MAX_CONNECTIONS_PER_ADDRESS),
    messagesPerMinute: {
      person: limitOf(env.MESSAGES_PER_MINUTE),
      conversation: limitOf(env.CONVERSATION_MESSAGES_PER_MINUTE),
      address: limitOf(env.ADDRESS_MESSAGES_PER_MINUTE),
    },
    metricsToken: env.METRICS_TOKEN,
    telemetry: telemetryOf(env, toAzureIdentity(env)),
    logLevel: env.LOG_LEVEL,
    warnings,
  };
}

const limitOf = (setting: number): number => (setting === 0 ? Infinity : setting);

function toIdentity(env: Settings): BotIdentity {
  if (!env.MicrosoftAppId) return { kind: 'none' };
  // checkSettings has made sure of a tenant; multi-tenant bots get their tokens from Bot Framework's own tenant.
  const tenantId = env.MicrosoftAppType === 'MultiTenant' ? clouds[env.ChannelService].botFrameworkTenant : (env.MicrosoftAppTenantId ?? '');
  if (env.MicrosoftAppType === 'UserAssignedMSI') return { kind: 'managed-identity', appId: env.MicrosoftAppId, tenantId };
  return { kind: 'secret', appId: env.MicrosoftAppId, tenantId, password: env.MicrosoftAppPassword ?? '' };
}

/** One that the settings choose, never the first of many that works. */
function toAzureIdentity({ AZURE_CLIENT_ID: clientId, AZURE_TENANT_ID: tenantId, AZURE_FEDERATED_TOKEN_FILE: tokenFilePath }: Settings): Identity {
  if (tokenFilePath !== undefined) return { kind: 'workload-identity', clientId: clientId ?? '', tenantId: tenantId ?? '', tokenFilePath }; // checkSettings has made sure of both
  return clientId === undefined ? { kind: 'azure-cli', ...(tenantId !== undefined && { tenantId }) } : { kind: 'managed-identity', clientId };
}
