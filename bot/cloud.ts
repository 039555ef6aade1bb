/** One of Microsoft's clouds: its services have addresses, issuers and keys of their own. */
export interface Cloud {
  /** What the channels' tokens name as issuer, and where the keys that sign them are published. */
  readonly channelIssuer: string;
  readonly channelMetadataUrl: string;
  /** What the bot's own tokens are for. */
  readonly channelScope: string;
  /** What tokens for Azure Database for PostgreSQL are for (azure-cli, ossrdbms_resource_id). */
  readonly databaseScope: string;
  /** Microsoft Graph; without a slash at the end (https://learn.microsoft.com/graph/deployments). */
  readonly graphUrl: string;
  /** Entra ID; without a slash at the end. */
  readonly loginUrl: string;
  /** Of its first version, which it still puts into most tokens; with a slash at the end. */
  readonly firstIssuerUrl: string;
  /** Where bots of the kind MultiTenant get their tokens, and whose tokens the Emulator then shows. */
  readonly botFrameworkTenant: string;
  readonly botFrameworkTenantIds: readonly string[];
  /** The hosts of the connector services. Each channel has one of its own below botframework.com. */
  readonly serviceHosts: readonly RegExp[];
}

/**
 * By the value of ChannelService, the Bot Framework's own name for the cloud; '' is the public one.
 * Sources: botframework-connector 4.23.3 (authenticationConstants, governmentConstants, tokenValidationParameters),
 * @microsoft/teams.api (cloud-environment), @microsoft/agents-hosting (TeamsServiceEndpoints), and
 * https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication
 */
export const clouds = {
  '': {
    channelIssuer: 'https://api.botframework.com',
    channelMetadataUrl: 'https://login.botframework.com/v1/.well-known/openidconfiguration',
    channelScope: 'https://api.botframework.com/.default',
    databaseScope: 'https://ossrdbms-aad.database.windows.net/.default',
    graphUrl: 'https://graph.microsoft.com',
    loginUrl: 'https://login.microsoftonline.com',
    firstIssuerUrl: 'https://sts.windows.net/',
    botFrameworkTenant: 'botframework.com',
    botFrameworkTenantIds: ['d6d49420-f39b-4df7-a1dc-d59a935871db', 'f8cdef31-a31e-4b4a-93e4-5f571e91255a'],
    serviceHosts: [/^smba\.trafficmanager\.net$/, /^smba\.infra\.gcc\.teams\.microsoft\.com$/, /\.botframework\.com$/],
  },
  'https://botframework.azure.us': {
    channelIssuer: 'https://api.botframework.us',
    channelMetadataUrl: 'https://login.botframework.azure.us/v1/.well-known/openidconfiguration',
    channelScope: 'https://api.botframework.us/.default',
    databaseScope: 'https://ossrdbms-aad.database.usgovcloudapi.net/.default',
    graphUrl: 'https://graph.microsoft.us',
    loginUrl: 'https://login.microsoftonline.us',
    firstIssuerUrl: 'https://sts.windows.net/',
    botFrameworkTenant: 'MicrosoftServices.onmicrosoft.us',
    botFrameworkTenantIds: ['cab8a31a-1906-4287-a0d8-4eef66b95f6e', 'f8cdef31-a31e-4b4a-93e4-5f571e91255a'],
    serviceHosts: [/^smba\.infra\.(gov|dod)\.teams\.microsoft\.us$/, /\.botframework\.(us|azure\.us)$/],
  },
  'https://botframework.azure.cn': {
    channelIssuer: 'https://api.botframework.azure.cn',
    channelMetadataUrl: 'https://login.botframework.azure.cn/v1/.well-known/openidconfiguration',
    channelScope: 'https://api.botframework.azure.cn/.default',
    databaseScope: 'https://ossrdbms-aad.database.chinacloudapi.cn/.default',
    graphUrl: 'https://microsoftgraph.chinacloudapi.cn',
    loginUrl: 'https://login.partner.microsoftonline.cn',
    firstIssuerUrl: 'https://sts.chinacloudapi.cn/',
    botFrameworkTenant: 'microsoftservices.partner.onmschina.cn',
    botFrameworkTenantIds: [],
    serviceHosts: [/\.botframework\.azure\.cn$/],
  },
} as const satisfies Readonly<Record<string, Cloud>>;

export type CloudName = keyof typeof clouds;
