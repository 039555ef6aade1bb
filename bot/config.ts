import { z } from 'zod';

/** How the bot proves who it is to Bot Framework. `none`: no app id; loopback only, callers are not checked. */
export type BotIdentity =
  | { readonly kind: 'none' }
  | { readonly kind: 'secret'; readonly appId: string; readonly tenantId: string; readonly password: string }
  | { readonly kind: 'managed-identity'; readonly appId: string; readonly tenantId: string };

export type ModelConfig =
  | { readonly kind: 'offline' }
  | { readonly kind: 'azure'; readonly endpoint: string; readonly deployment: string; readonly apiKey?: string; readonly managedIdentityClientId?: string }
  | { readonly kind: 'openai'; readonly baseUrl?: string; readonly apiKey?: string; readonly model: string };

/** Everything that can be set, checked. */
export interface Config {
  readonly host: string;
  readonly port: number;
  /** Base of links that people open, without a slash at the end; absent: the address that the server listens on. */
  readonly publicUrl?: string;
  /** A file path; PostgreSQL addresses are refused until supported. */
  readonly databaseUrl: string;
  readonly identity: BotIdentity;
  /** Tenants whose people may talk to the bot; empty: every tenant that Bot Framework lets through. */
  readonly allowedTenants: readonly string[];
  /** Hosts besides Microsoft's own that a service URL may name. */
  readonly serviceUrlHosts: readonly string[];
  readonly webChatOrigins: readonly string[];
  readonly directLineSecret?: string;
  /** Secret of Azure's Direct Line: the web chat then talks to Azure's service instead of the embedded one. */
  readonly azureDirectLineSecret?: string;
  readonly model: ModelConfig;
  readonly maxUploadBytes: number;
  /** Bearer of `GET /metrics`; absent: this machine reads them without one, and nobody else. */
  readonly metricsToken?: string;
  readonly logLevel: LogLevel;
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
  const problems = parsed.success ? crossCheck(parsed.data) : problemsOf(given, parsed.error);
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems);
  return toConfig(parsed.data);
}

const list = z.string().default('').transform((text) => text.split(',').map((item) => item.trim()).filter(Boolean));
const httpUrl = z.url({ protocol: /^https?$/, error: 'must be an address such as https://example.com' }).transform((url) => url.replace(/\/+$/, ''));
const guid = z.guid({ error: 'must be an id such as 00000000-0000-0000-0000-000000000000' });
const port = z.coerce.number({ error: 'must be a number' }).int('must be a whole number').min(0, 'must be 0 to 65535').max(65_535, 'must be 0 to 65535');

const settings = z.object({
  HOST: z.string().optional(),
  PORT: port.default(3978),
  PUBLIC_URL: httpUrl.optional(),
  DATABASE_URL: z.string().default('data/parley.db')
    .refine((url) => !/^[a-z]{2,}:\/\//i.test(url), 'must be the path of a SQLite file, such as data/parley.db; servers are not supported yet'),
  MicrosoftAppId: guid.optional(),
  MicrosoftAppType: z.enum(['MultiTenant', 'SingleTenant', 'UserAssignedMSI'], { error: 'must be SingleTenant, UserAssignedMSI or MultiTenant' }).default('SingleTenant'),
  MicrosoftAppTenantId: guid.optional(),
  MicrosoftAppPassword: z.string().optional(),
  ALLOWED_TENANTS: list.pipe(z.array(guid)),
  SERVICE_URL_HOSTS: list,
  WEBCHAT_ALLOWED_ORIGINS: list.pipe(z.array(z.url({ protocol: /^https?$/, error: 'must hold addresses such as https://www.example.com, separated by commas' }))),
  DIRECT_LINE_EMBEDDED_SECRET: z.string().min(16, 'must have 16 characters or more').optional(),
  DIRECT_LINE_SECRET: z.string().optional(),
  AZURE_OPENAI_ENDPOINT: httpUrl.optional(),
  AZURE_OPENAI_DEPLOYMENT: z.string().optional(),
  AZURE_OPENAI_API_KEY: z.string().optional(),
  AZURE_CLIENT_ID: z.string().optional(),
  OPENAI_BASE_URL: httpUrl.optional(),
  OPENAI_API_KEY: z.string().optional(),
  OPENAI_MODEL: z.string().optional(),
  MAX_UPLOAD_MB: z.coerce.number({ error: 'must be a number' }).min(1, 'must be 1 to 25').max(25, 'must be 1 to 25').default(10),
  METRICS_TOKEN: z.string().min(16, 'must have 16 characters or more').optional(),
  LOG_LEVEL: z.enum(logLevels, { error: `must be one of ${logLevels.join(', ')}` }).default('info'),
});

type Settings = z.infer<typeof settings>;

/** What is wrong with single settings, and what does not fit together among the others: a wrong one is not called missing too. */
function problemsOf(given: Environment, { issues }: z.ZodError): readonly string[] {
  const wrong = [...new Set(issues.map(({ path }) => String(path[0])))];
  const rest = settings.safeParse(Object.fromEntries(Object.entries(given).filter(([name]) => !wrong.includes(name))));
  const unfit = rest.success ? crossCheck(rest.data).filter((problem) => !wrong.some((name) => problem.includes(name))) : [];
  return [...issues.map(toProblem), ...unfit];
}

/** An empty line in a .env file means "not set". */
function withoutBlanks(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value.trim() !== ''));
}

function toProblem(issue: z.core.$ZodIssue): string {
  return `${String(issue.path[0] ?? 'A setting')} ${issue.message}.`;
}

/** What a single setting cannot tell. */
function crossCheck(env: Settings): string[] {
  return [...hostProblems(env), ...identityProblems(env), ...modelProblems(env)];
}

function hostProblems(env: Settings): string[] {
  if (env.MicrosoftAppId || !env.HOST || isLoopback(env.HOST)) return [];
  return [`HOST is ${env.HOST}, but without MicrosoftAppId callers cannot be checked. Set MicrosoftAppId, or leave HOST out to listen on this machine only.`];
}

function identityProblems(env: Settings): string[] {
  const problems: string[] = [];
  if (!env.MicrosoftAppId) {
    if (env.MicrosoftAppPassword) problems.push('MicrosoftAppPassword is set without MicrosoftAppId. Set both, or neither.');
    return problems;
  }
  if (env.MicrosoftAppType === 'UserAssignedMSI') {
    if (env.MicrosoftAppPassword) problems.push('MicrosoftAppPassword must be empty when MicrosoftAppType is UserAssignedMSI: a managed identity has no password.');
  } else if (!env.MicrosoftAppPassword) {
    problems.push(`MicrosoftAppPassword is missing. Set the client secret of ${env.MicrosoftAppId}, or set MicrosoftAppType to UserAssignedMSI.`);
  }
  if (env.MicrosoftAppType !== 'MultiTenant' && !env.MicrosoftAppTenantId) {
    problems.push(`MicrosoftAppTenantId is missing. Set the tenant that the app registration lives in (needed for ${env.MicrosoftAppType}).`);
  }
  return problems;
}

function modelProblems(env: Settings): string[] {
  const problems: string[] = [];
  const azure = env.AZURE_OPENAI_ENDPOINT ?? env.AZURE_OPENAI_DEPLOYMENT ?? env.AZURE_OPENAI_API_KEY;
  const openAI = env.OPENAI_BASE_URL ?? env.OPENAI_API_KEY ?? env.OPENAI_MODEL;
  if (azure && openAI) problems.push('AZURE_OPENAI_… and OPENAI_… are both set. Keep the settings of one service.');
  if (azure && !env.AZURE_OPENAI_ENDPOINT) problems.push('AZURE_OPENAI_ENDPOINT is missing. Set the address of the resource, such as https://NAME.openai.azure.com.');
  if (azure && !env.AZURE_OPENAI_DEPLOYMENT) problems.push('AZURE_OPENAI_DEPLOYMENT is missing. Set the name of a chat deployment.');
  if (openAI && !env.OPENAI_MODEL) problems.push('OPENAI_MODEL is missing. Set the name of a chat model.');
  if (openAI && !env.OPENAI_API_KEY && !env.OPENAI_BASE_URL) problems.push('OPENAI_API_KEY is missing. Set the key, or OPENAI_BASE_URL for a local server.');
  return problems;
}

function toConfig(env: Settings): Config {
  return {
    host: env.HOST ?? (env.MicrosoftAppId ? '0.0.0.0' : '127.0.0.1'),
    port: env.PORT,
    publicUrl: env.PUBLIC_URL,
    databaseUrl: env.DATABASE_URL,
    identity: toIdentity(env),
    allowedTenants: env.ALLOWED_TENANTS,
    serviceUrlHosts: env.SERVICE_URL_HOSTS,
    webChatOrigins: env.WEBCHAT_ALLOWED_ORIGINS.map((origin) => new URL(origin).origin),
    directLineSecret: env.DIRECT_LINE_EMBEDDED_SECRET,
    azureDirectLineSecret: env.DIRECT_LINE_SECRET,
    model: toModel(env),
    maxUploadBytes: env.MAX_UPLOAD_MB * 1024 * 1024,
    metricsToken: env.METRICS_TOKEN,
    logLevel: env.LOG_LEVEL,
  };
}

function toIdentity(env: Settings): BotIdentity {
  if (!env.MicrosoftAppId) return { kind: 'none' };
  // crossCheck has made sure of a tenant; multi-tenant bots get their tokens from Bot Framework's own tenant.
  const tenantId = env.MicrosoftAppType === 'MultiTenant' ? 'botframework.com' : (env.MicrosoftAppTenantId ?? '');
  if (env.MicrosoftAppType === 'UserAssignedMSI') return { kind: 'managed-identity', appId: env.MicrosoftAppId, tenantId };
  return { kind: 'secret', appId: env.MicrosoftAppId, tenantId, password: env.MicrosoftAppPassword ?? '' };
}

function toModel(env: Settings): ModelConfig {
  if (env.AZURE_OPENAI_ENDPOINT && env.AZURE_OPENAI_DEPLOYMENT) {
    return {
      kind: 'azure',
      endpoint: env.AZURE_OPENAI_ENDPOINT,
      deployment: env.AZURE_OPENAI_DEPLOYMENT,
      apiKey: env.AZURE_OPENAI_API_KEY,
      managedIdentityClientId: env.AZURE_CLIENT_ID,
    };
  }
  if (env.OPENAI_MODEL) return { kind: 'openai', baseUrl: env.OPENAI_BASE_URL, apiKey: env.OPENAI_API_KEY, model: env.OPENAI_MODEL };
  return { kind: 'offline' };
}

/** True for names and addresses that only this machine can reach. */
export const isLoopback = (host: string): boolean => /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/i.test(host);
