import type { Environment, Settings } from './config';
import { isLoopback } from './loopback';

/** What single settings cannot tell: which do not fit together, and which together are unsafe. One sentence or two each, with the mend. */
export function checkSettings(env: Settings): string[] {
  return [
    ...hostProblems(env),
    ...identityProblems(env),
    ...tenantProblems(env),
    ...plainTextProblems(env),
    ...developmentProblems(env),
    ...storeProblems(env),
    ...modelProblems(env),
  ];
}

function hostProblems(env: Settings): string[] {
  if (env.MicrosoftAppId || !isPublic(env)) return [];
  return [`HOST is ${String(env.HOST)}, but without MicrosoftAppId callers cannot be checked. Set MicrosoftAppId, or leave HOST out to listen on this machine only.`];
}

/** Without an app id the default is this machine. */
const isPublic = (env: Settings): boolean => (env.HOST === undefined ? env.MicrosoftAppId !== undefined : !isLoopback(env.HOST));

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

function tenantProblems(env: Settings): string[] {
  if (!env.MicrosoftAppId || env.MicrosoftAppType !== 'MultiTenant' || env.ALLOWED_TENANTS.length > 0) return [];
  return ['ALLOWED_TENANTS is empty, and a MultiTenant bot can be reached from every tenant. Set the tenants that may talk to it.'];
}

/** Tokens, keys and what people say must not travel in the clear beyond this machine. */
function plainTextProblems(env: Settings): string[] {
  const problems: string[] = [];
  if (env.MicrosoftAppId) {
    if (isPlainText(env.PUBLIC_URL)) problems.push('PUBLIC_URL must begin with https:// where the bot has a MicrosoftAppId: people and channels come from outside.');
    if (env.SERVICE_URL_HOSTS.some(isPlainText)) problems.push('SERVICE_URL_HOSTS must not hold http:// addresses where the bot has a MicrosoftAppId: its token would travel in the clear.');
  }
  if (env.AZURE_OPENAI_ENDPOINT && isPlainText(env.AZURE_OPENAI_ENDPOINT)) problems.push('AZURE_OPENAI_ENDPOINT must begin with https://: the key would travel in the clear.');
  if (Object.keys(env.OTEL_EXPORTER_OTLP_HEADERS).length > 0 && isPlainText(env.OTEL_EXPORTER_OTLP_ENDPOINT)) problems.push('OTEL_EXPORTER_OTLP_ENDPOINT must begin with https:// where OTEL_EXPORTER_OTLP_HEADERS is set: its keys would travel in the clear.');
  if (env.OPENAI_API_KEY && isPlainText(env.OPENAI_BASE_URL)) problems.push('OPENAI_BASE_URL must begin with https:// where OPENAI_API_KEY is set: the key would travel in the clear.');
  return problems;
}

/** An address whose requests can be read on their way to another machine. */
export const isPlainText = (url: string | undefined): boolean => url?.startsWith('http://') === true && !isLoopback(new URL(url).hostname);

/** What helps on a developer's machine and opens doors on others. */
function developmentProblems(env: Settings): string[] {
  if (!env.ALLOW_EMULATOR || !isPublic(env)) return [];
  return ['ALLOW_EMULATOR is for this machine only. Set HOST to 127.0.0.1, or leave ALLOW_EMULATOR out.'];
}

const ENCRYPTED = ['require', 'verify-ca', 'verify-full'];

function storeProblems(env: Settings): string[] {
  const url = /^postgres(ql)?:/i.test(env.DATABASE_URL) && URL.canParse(env.DATABASE_URL) ? new URL(env.DATABASE_URL) : undefined;
  if (!url) {
    if (env.DATABASE_ENTRA_AUTH) return ['DATABASE_ENTRA_AUTH is true, but a SQLite file has no password. Set DATABASE_URL to a PostgreSQL server, or leave DATABASE_ENTRA_AUTH out.'];
    if (env.REPLICAS === 1) return [];
    return [`REPLICAS is ${env.REPLICAS}, but a SQLite file serves one process. Set DATABASE_URL to a PostgreSQL server, or REPLICAS to 1.`];
  }
  if (env.DATABASE_ENTRA_AUTH && url.password !== '') return ['DATABASE_URL must have no password where DATABASE_ENTRA_AUTH is true: Entra ID gives it.'];
  const host = url.searchParams.get('host') ?? url.hostname;
  const isHere = host === '' || host.startsWith('/') || isLoopback(host); // a folder: a socket of this machine
  if (isHere || ENCRYPTED.includes(url.searchParams.get('sslmode') ?? '')) return [];
  return ['DATABASE_URL must end with ?sslmode=verify-full (or require): the server is on another machine, and what people say would travel in the clear.'];
}

const modelProblems = (env: Settings): string[] => [...serviceProblems(env), ...entraProblems(env)];

function serviceProblems(env: Settings): string[] {
  const problems: string[] = [];
  const [azure, openAI] = [given(env, 'AZURE_OPENAI_'), given(env, 'OPENAI_')];
  if (azure && openAI) problems.push('AZURE_OPENAI_… and OPENAI_… are both set. Keep the settings of one service.');
  if (env.DEPLOYMENTS_FILE && env.DEPLOYMENTS_TABLE) problems.push('DEPLOYMENTS_FILE and DEPLOYMENTS_TABLE are both set. Keep one of them.');
  const table = ['DEPLOYMENTS_FILE', 'DEPLOYMENTS_TABLE'].find((name) => env[name as 'DEPLOYMENTS_FILE']);
  if (table) return azure || openAI ? [...problems, `${table} and AZURE_OPENAI_… or OPENAI_… are both set. Keep the ${table === 'DEPLOYMENTS_FILE' ? 'file' : 'table'}, or the settings of one service.`] : problems;
  if (azure && !env.AZURE_OPENAI_ENDPOINT) problems.push('AZURE_OPENAI_ENDPOINT is missing. Set the address of the resource, such as https://NAME.openai.azure.com.');
  if (azure && !env.AZURE_OPENAI_DEPLOYMENT) problems.push('AZURE_OPENAI_DEPLOYMENT is missing. Set the name of a chat deployment.');
  if (openAI && !env.OPENAI_MODEL) problems.push('OPENAI_MODEL is missing. Set the name of a chat model.');
  if (openAI && !env.OPENAI_API_KEY && !env.OPENAI_BASE_URL) problems.push('OPENAI_API_KEY is missing. Set the key, or OPENAI_BASE_URL for a local server.');
  return problems;
}

/** Any setting of a service; what has a default says nothing. */
const given = (env: Settings, prefix: string): boolean => Object.entries<unknown>(env).some(([name, value]) => name.startsWith(prefix) && name !== 'AZURE_OPENAI_API_VERSION' && value !== undefined);

function entraProblems(env: Settings): string[] {
  const isIdentity = env.AZURE_CLIENT_ID ?? env.AZURE_FEDERATED_TOKEN_FILE;
  if (env.AZURE_OPENAI_API_KEY && isIdentity && !env.DATABASE_ENTRA_AUTH) {
    return ['AZURE_OPENAI_API_KEY is set beside an identity of Entra ID (AZURE_CLIENT_ID). Keep one of them: leave the key out to use the identity.'];
  }
  if (!env.AZURE_FEDERATED_TOKEN_FILE) return [];
  return ([['AZURE_CLIENT_ID', env.AZURE_CLIENT_ID], ['AZURE_TENANT_ID', env.AZURE_TENANT_ID]] as const)
    .flatMap(([name, value]) => (value ? [] : [`${name} is missing. Set it beside AZURE_FEDERATED_TOKEN_FILE: a workload identity needs both.`]));
}

/** What the environment makes of Node itself. */
export function checkProcess(given: Environment): string[] {
  if (given['NODE_TLS_REJECT_UNAUTHORIZED'] !== '0') return [];
  return ['NODE_TLS_REJECT_UNAUTHORIZED must not be 0: any server could pose as Microsoft. Set NODE_EXTRA_CA_CERTS where certificates are your own.'];
}

/**
 * Names in the environment that look like a setting and are none: `ALLOWED_TENANT` would leave the bot open.
 * They may belong to another program, so that they are told and not refused.
 */
export function misspeltSettings(given: Environment, names: readonly string[]): string[] {
  return Object.keys(given)
    .filter((name) => !names.includes(name))
    .flatMap((name) => {
      const meant = names.find((known) => isMisspelt(bare(name), bare(known)));
      return meant === undefined ? [] : [`${name} is no setting of Parley and has no effect. Is ${meant} meant?`];
    });
}

const bare = (name: string): string => name.toLowerCase().replaceAll('_', '');

/** Equal but for case and underscores, or one letter added, left out or changed; short names are too alike for that. */
function isMisspelt(name: string, known: string): boolean {
  if (name === known) return true;
  if (known.length < 8 || Math.abs(name.length - known.length) > 1) return false;
  let same = 0;
  while (same < name.length && name[same] === known[same]) same += 1;
  const [rest, knownRest] = [name.slice(same), known.slice(same)];
  return rest.slice(1) === knownRest || rest === knownRest.slice(1) || rest.slice(1) === knownRest.slice(1);
}
