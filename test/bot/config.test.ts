import { readFileSync } from 'node:fs';
import { noLimits } from '../../ai/deployments';
import { ConfigError, loadConfig, type Environment } from '../../bot/config';

const appId = '11111111-2222-3333-4444-555555555555';
const password = 'Lq~8Q~a-secret-of-Entra';
const bot = { MicrosoftAppId: appId, MicrosoftAppPassword: password, MicrosoftAppTenantId: appId };

function problemsOf(env: Environment): readonly string[] {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('the settings', () => {
  test('need none: loopback, port 3978, a SQLite file and the offline engine', () => {
    expect(loadConfig({})).toMatchObject({ host: '127.0.0.1', port: 3978, databaseUrl: 'data/parley.db', identity: { kind: 'none' }, deployments: {} });
  });

  test('listen on every address once callers can be checked', () => {
    expect(loadConfig(bot)).toMatchObject({ host: '0.0.0.0', identity: { kind: 'secret', appId, tenantId: appId } });
  });

  test('take an empty value for one that is not set', () => {
    expect(loadConfig({ PORT: '', MicrosoftAppId: ' ' })).toMatchObject({ port: 3978, identity: { kind: 'none' } });
  });

  test.each<[string, Environment, string]>([
    ['another host without an app id', { HOST: '0.0.0.0' }, 'HOST'],
    ['a port that is no number', { PORT: 'http' }, 'PORT'],
    ['a port out of range', { PORT: '70000' }, 'PORT'],
    ['an app id that is none', { ...bot, MicrosoftAppId: 'my-bot' }, 'MicrosoftAppId'],
    ['an app type that is none', { ...bot, MicrosoftAppType: 'Single' }, 'MicrosoftAppType'],
    ['a missing password', { ...bot, MicrosoftAppPassword: '' }, 'MicrosoftAppPassword'],
    ['a missing tenant', { ...bot, MicrosoftAppTenantId: '' }, 'MicrosoftAppTenantId'],
    ['a password without an app id', { MicrosoftAppPassword: password }, 'MicrosoftAppId'],
    ['a password beside a managed identity', { ...bot, MicrosoftAppType: 'UserAssignedMSI' }, 'MicrosoftAppPassword'],
    ['Azure without a deployment', { AZURE_OPENAI_ENDPOINT: 'https://x.openai.azure.com' }, 'AZURE_OPENAI_DEPLOYMENT'],
    ['Azure without an endpoint', { AZURE_OPENAI_DEPLOYMENT: 'gpt' }, 'AZURE_OPENAI_ENDPOINT'],
    ['an endpoint that is no address', { AZURE_OPENAI_ENDPOINT: 'x.openai', AZURE_OPENAI_DEPLOYMENT: 'gpt' }, 'AZURE_OPENAI_ENDPOINT'],
    ['two services at once', { AZURE_OPENAI_ENDPOINT: 'https://x.openai.azure.com', AZURE_OPENAI_DEPLOYMENT: 'gpt', OPENAI_API_KEY: 'k', OPENAI_MODEL: 'm' }, 'OPENAI_'],
    ['OpenAI without a model', { OPENAI_API_KEY: 'k' }, 'OPENAI_MODEL'],
    ['OpenAI without a key', { OPENAI_MODEL: 'm' }, 'OPENAI_API_KEY'],
    ['a short Direct Line secret', { DIRECT_LINE_EMBEDDED_SECRET: 'short' }, 'DIRECT_LINE_EMBEDDED_SECRET'],
    ['an origin that is no address', { WEBCHAT_ALLOWED_ORIGINS: 'example.com' }, 'WEBCHAT_ALLOWED_ORIGINS'],
    ['a tenant that is no id', { ALLOWED_TENANTS: '*' }, 'ALLOWED_TENANTS'],
    ['an unknown log level', { LOG_LEVEL: 'loud' }, 'LOG_LEVEL'],
    ['a store that is not supported', { DATABASE_URL: 'mongodb://localhost' }, 'DATABASE_URL'],
    ['an address of a store that is none', { DATABASE_URL: 'postgres://parley:hunter2@[host/db' }, 'DATABASE_URL'],
    ['Entra ID for a file', { DATABASE_ENTRA_AUTH: 'true' }, 'DATABASE_ENTRA_AUTH'],
    ['Entra ID beside a password', { DATABASE_ENTRA_AUTH: 'true', DATABASE_URL: 'postgres://parley:hunter2@localhost/db' }, 'DATABASE_URL'],
    ['no connections to the store', { DATABASE_POOL_SIZE: '0' }, 'DATABASE_POOL_SIZE'],
    ['an upload limit out of range', { MAX_UPLOAD_MB: '500' }, 'MAX_UPLOAD_MB'],
    ['a password out of an example', { ...bot, MicrosoftAppPassword: '<your client secret>' }, 'MicrosoftAppPassword'],
    ['a password that can be guessed', { ...bot, MicrosoftAppPassword: 'secret' }, 'MicrosoftAppPassword'],
    ['a secret of one letter', { DIRECT_LINE_EMBEDDED_SECRET: 'x'.repeat(32) }, 'DIRECT_LINE_EMBEDDED_SECRET'],
    ['a key out of an example', { OPENAI_API_KEY: 'your-key', OPENAI_MODEL: 'm' }, 'OPENAI_API_KEY'],
    ['every website', { WEBCHAT_ALLOWED_ORIGINS: '*' }, 'WEBCHAT_ALLOWED_ORIGINS'],
    ['websites by wildcard', { WEBCHAT_ALLOWED_ORIGINS: 'https://*.example.com' }, 'WEBCHAT_ALLOWED_ORIGINS'],
    ['services by wildcard', { SERVICE_URL_HOSTS: '*.example.com' }, 'SERVICE_URL_HOSTS'],
    ['a service with a path', { SERVICE_URL_HOSTS: 'example.com/teams' }, 'SERVICE_URL_HOSTS'],
    ['a service in letters that look like others', { SERVICE_URL_HOSTS: 'ехample.com' }, 'SERVICE_URL_HOSTS'],
    ['a service without encryption', { ...bot, SERVICE_URL_HOSTS: 'http://example.com:8080' }, 'SERVICE_URL_HOSTS'],
    ['a page without encryption', { ...bot, PUBLIC_URL: 'http://parley.example.com' }, 'PUBLIC_URL'],
    ['every tenant for a bot of many tenants', { ...bot, MicrosoftAppType: 'MultiTenant' }, 'ALLOWED_TENANTS'],
    ['an unknown cloud', { ...bot, ChannelService: 'https://example.com' }, 'ChannelService'],
    ['any caller', { ...bot, AllowedCallers: '*' }, 'AllowedCallers'],
    ['a caller without a host', { ...bot, AllowedCallers: appId }, 'AllowedCallers'],
    ['the emulator on a public host', { ...bot, ALLOW_EMULATOR: 'true' }, 'ALLOW_EMULATOR'],
    ['a flag that is none', { ALLOW_EMULATOR: 'yes' }, 'ALLOW_EMULATOR'],
    ['several processes on one SQLite file', { REPLICAS: '2' }, 'REPLICAS'],
    ['a store on another machine without encryption', { DATABASE_URL: 'postgres://parley:x@db.example.com/parley' }, 'DATABASE_URL'],
    ['a store on another machine by its second name', { DATABASE_URL: 'POSTGRESQL://localhost/parley?host=db.example.com&sslmode=disable' }, 'DATABASE_URL'],
    ['a model key over plain http', { OPENAI_BASE_URL: 'http://models.example.com/v1', OPENAI_API_KEY: 'sk-1234', OPENAI_MODEL: 'm' }, 'OPENAI_BASE_URL'],
    ['Azure over plain http', { AZURE_OPENAI_ENDPOINT: 'http://x.openai.azure.com', AZURE_OPENAI_DEPLOYMENT: 'gpt' }, 'AZURE_OPENAI_ENDPOINT'],
    ['a key beside an identity', { AZURE_OPENAI_ENDPOINT: 'https://x.openai.azure.com', AZURE_OPENAI_DEPLOYMENT: 'gpt', AZURE_OPENAI_API_KEY: 'k1k1k2', AZURE_CLIENT_ID: 'abc' }, 'AZURE_OPENAI_API_KEY'],
    ['a workload identity without a tenant', { AZURE_CLIENT_ID: 'abc', AZURE_FEDERATED_TOKEN_FILE: '/var/run/token' }, 'AZURE_TENANT_ID'],
    ['an API version that is none', { AZURE_OPENAI_API_VERSION: 'latest' }, 'AZURE_OPENAI_API_VERSION'],
    ['an API that is none', { MODEL_API: 'assistants' }, 'MODEL_API'],
    ['a table of deployments that is not there', { DEPLOYMENTS_FILE: '/nowhere/deployments.json' }, 'DEPLOYMENTS_FILE'],
    ['a table of deployments that is no JSON', { DEPLOYMENTS_TABLE: 'chat' }, 'DEPLOYMENTS_TABLE'],
    ['a table of deployments beside a file of them', { DEPLOYMENTS_TABLE: '{"chat":[{"endpoint":"https://x.openai.azure.com","deployment":"gpt"}]}', DEPLOYMENTS_FILE: 'package.json' }, 'DEPLOYMENTS_TABLE'],
    ['a key of a collector over plain http', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector.example.com:4318', OTEL_EXPORTER_OTLP_HEADERS: 'api-key=k' }, 'OTEL_EXPORTER_OTLP_ENDPOINT'],
    ['a header that is none', { OTEL_EXPORTER_OTLP_HEADERS: 'k1k2k3' }, 'OTEL_EXPORTER_OTLP_HEADERS'],
    ['a share of traces above one', { OTEL_TRACES_SAMPLER_ARG: '2' }, 'OTEL_TRACES_SAMPLER_ARG'],
    ['certificates that nobody checks', { NODE_TLS_REJECT_UNAUTHORIZED: '0' }, 'NODE_TLS_REJECT_UNAUTHORIZED'],
  ])('refuse %s, naming the setting and the mend', (_what, env, setting) => {
    const problems = problemsOf(env);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(setting);
    expect(problems[0]).toMatch(/\b(must|Set|Keep)\b/);
  });

  test('report every problem at once', () => {
    expect(problemsOf({ PORT: 'x', LOG_LEVEL: 'y', MAX_UPLOAD_MB: '0' })).toHaveLength(3);
    expect(problemsOf({ HOST: '0.0.0.0', OPENAI_API_KEY: 'k', MicrosoftAppPassword: password })).toHaveLength(3);
    expect(problemsOf({ PORT: 'x', HOST: '0.0.0.0', OPENAI_API_KEY: 'k' })).toHaveLength(3);
  });

  test('name what looks like a setting and is none', () => {
    const { warnings } = loadConfig({ ...bot, ALLOWED_TENANT: appId, MICROSOFT_APP_ID: appId, AZURE_OPENAI_ENDPONT: 'x', HOSTNAME: 'x', PATH: 'x', OPENAI_ORG_ID: 'x' });
    expect(warnings.map((warning) => /^\S+|\S+(?= meant)/g[Symbol.match](warning))).toEqual([
      ['ALLOWED_TENANT', 'ALLOWED_TENANTS'], ['MICROSOFT_APP_ID', 'MicrosoftAppId'], ['AZURE_OPENAI_ENDPONT', 'AZURE_OPENAI_ENDPOINT'],
    ]);
    expect(loadConfig(bot).warnings).toEqual([]);
  });

  test.each(['postgres://parley@db.example.com/parley?sslmode=verify-full', 'postgresql://localhost/parley', 'postgres:///parley?host=/var/run/postgresql', 'postgres://[::1]:5433/parley'])('take the store %s', (databaseUrl) => {
    expect(loadConfig({ DATABASE_URL: databaseUrl, REPLICAS: '3' })).toMatchObject({ databaseUrl });
  });

  test('take callers, hosts, clouds and tenants as they are meant', () => {
    const config = loadConfig({
      ...bot, MicrosoftAppType: 'MultiTenant', ALLOWED_TENANTS: appId, ChannelService: 'https://botframework.azure.us', ALLOW_EMULATOR: 'true', HOST: 'localhost',
      SERVICE_URL_HOSTS: 'service.example.com, LOCALHOST:8080', AllowedCallers: `${appId.toUpperCase()}@Bot.example.com`, PUBLIC_URL: 'http://localhost:3978',
    });
    expect(config).toMatchObject({
      identity: { tenantId: 'MicrosoftServices.onmicrosoft.us' },
      cloud: { channelIssuer: 'https://api.botframework.us' },
      serviceUrlHosts: ['service.example.com', 'LOCALHOST:8080'],
      allowedCallers: [{ appId, host: 'bot.example.com' }],
      allowsEmulator: true,
    });
  });

  test('never show a secret in a problem', () => {
    expect(problemsOf({ MicrosoftAppPassword: 'hunter2-hunter2', DIRECT_LINE_EMBEDDED_SECRET: 'hunter2', PORT: 'x' }).join()).not.toContain('hunter2');
  });

  test('do not print the password of the store', () => {
    expect(problemsOf({ DATABASE_URL: 'postgres://parley:hunter2@[host/db' }).join()).not.toContain('hunter2');
    expect(problemsOf({ DATABASE_URL: 'postgres://parley:hunter2@db.example.com/db' }).join()).not.toContain('hunter2');
  });

  test('take a PostgreSQL database, with a password or with tokens of a managed identity or of whoever is signed in', () => {
    const url = 'postgresql://parley@db.example.com/parley?sslmode=verify-full';
    expect(loadConfig({ DATABASE_URL: url, DATABASE_POOL_SIZE: '20' })).toMatchObject({ databaseUrl: url, databasePoolSize: 20 });
    expect(loadConfig({ DATABASE_URL: url }).databaseIdentity).toBeUndefined();
    expect(loadConfig({ DATABASE_URL: url, DATABASE_ENTRA_AUTH: 'true' }).databaseIdentity).toEqual({ kind: 'azure-cli' });
    expect(loadConfig({ DATABASE_URL: url, DATABASE_ENTRA_AUTH: 'true', AZURE_CLIENT_ID: 'abc' }).databaseIdentity).toEqual({ kind: 'managed-identity', clientId: 'abc' });
  });

  test('are all in .env.example', () => {
    const example = readFileSync('.env.example', 'utf8');
    const source = readFileSync('bot/config.ts', 'utf8');
    const names = [...source.matchAll(/^ {2}([A-Za-z_]+): (?:z|list|httpUrl|apiVersion|guid|port|count|flag|secret|key|host|origin)\b/gm)].map(([, name]) => name ?? '').filter((name) => /^[A-Z]/.test(name));
    expect(names.length).toBeGreaterThan(20);
    expect(names.filter((name) => !new RegExp(`^#? ?${name}=`, 'm').test(example))).toEqual([]);
  });

  test('take a local server without a key, and an Azure deployment without one (Entra ID)', () => {
    expect(loadConfig({ OPENAI_BASE_URL: 'http://localhost:11434/v1/', OPENAI_MODEL: 'llama' }).deployments.chat).toEqual([
      { name: 'llama', place: { kind: 'openai', baseUrl: 'http://localhost:11434/v1', model: 'llama' }, access: { kind: 'none' }, api: 'chat-completions', contextTokens: 4096, limits: noLimits, priority: 1, weight: 1 },
    ]);
    expect(loadConfig({ AZURE_OPENAI_ENDPOINT: 'https://x.openai.azure.com/', AZURE_OPENAI_DEPLOYMENT: 'gpt' }).deployments.chat).toEqual([
      { name: 'gpt', place: { kind: 'azure', endpoint: 'https://x.openai.azure.com', deployment: 'gpt', apiVersion: 'v1' }, access: { kind: 'entra' }, api: 'chat-completions', limits: noLimits, priority: 1, weight: 1 },
    ]);
  });

  test('name a deployment for each capability', () => {
    const azure = { AZURE_OPENAI_ENDPOINT: 'https://x.openai.azure.com', AZURE_OPENAI_DEPLOYMENT: 'gpt', AZURE_OPENAI_API_KEY: 'k1k1k2', AZURE_OPENAI_IMAGES_DEPLOYMENT: 'gpt-image', AZURE_OPENAI_API_VERSION: '2024-10-21', MODEL_API: 'responses' };
    const { deployments } = loadConfig(azure);
    expect(Object.keys(deployments)).toEqual(['chat', 'images']);
    expect(deployments.images).toMatchObject([{ name: 'gpt-image', api: 'chat-completions', place: { apiVersion: '2024-10-21' }, access: { kind: 'key', key: 'k1k1k2' } }]);
    expect(deployments.chat).toMatchObject([{ api: 'responses' }]);
    expect(loadConfig({ OPENAI_MODEL: 'm', OPENAI_API_KEY: 'k1k1k2', OPENAI_EMBEDDINGS_MODEL: 'e' }).deployments.embeddings).toMatchObject([{ name: 'e', place: { kind: 'openai', model: 'e' } }]);
  });

  test('choose one identity: workload, managed, or whoever is signed in', () => {
    const workload = { AZURE_CLIENT_ID: 'abc', AZURE_TENANT_ID: 'def', AZURE_FEDERATED_TOKEN_FILE: '/var/run/token' };
    expect(loadConfig(workload).azureIdentity).toEqual({ kind: 'workload-identity', clientId: 'abc', tenantId: 'def', tokenFilePath: '/var/run/token' });
    expect(loadConfig({ AZURE_CLIENT_ID: 'abc' }).azureIdentity).toEqual({ kind: 'managed-identity', clientId: 'abc' });
    expect(loadConfig({}).azureIdentity).toEqual({ kind: 'azure-cli' });
  });
});
