import type { Logger } from 'pino';
import { createAuthentication, trustThisMachine, type Authenticate } from './authentication';
import type { Config } from './config';
import { createConnectorToken, type ConnectorToken } from './credentials';
import { createDownload, PICTURE_HOSTS, type Download, type FileNetwork } from './download';
import { KeyStore } from './keys';
import type { Metrics } from './metrics';
import { createReaders, refuseReaders, type ReadReader } from './readers';
import { createFindService, type FindService } from './serviceUrls';
import type { EntraOptions } from './token';

/** Microsoft's services outside, which tests replace. */
export interface IdentityEdges {
  /** Of the Bot Framework service. */
  readonly openIdMetadataUrl?: string;
  /** Entra ID, without a slash at the end. */
  readonly authorityUrl?: string;
  /** In place of tokens from Entra ID. */
  readonly connectorToken?: ConnectorToken;
  /** In place of the internet, for files. */
  readonly fileNetwork?: FileNetwork;
}

export interface ChannelAccessOptions {
  readonly config: Config;
  readonly edges: IdentityEdges;
  /** Ends what goes on in the background. */
  readonly signal: AbortSignal;
  readonly metrics: Pick<Metrics, 'signingKeyAge'>;
  readonly log: Logger;
}

/** Who may call the bot, where the bot may call, and what it shows there. */
export interface ChannelAccess {
  readonly authenticate: Authenticate;
  /** Which person asks for a page's data. */
  readonly readerOf: ReadReader;
  readonly token: ConnectorToken;
  /** True where the bot may call: asked again for stored references, right before sending. */
  readonly isAllowed: (serviceUrl: string) => boolean;
  readonly download: Download;
  /** From where model services put pictures, and from nowhere else. */
  readonly downloadPicture: Download;
}

/** Builds it from the settings. Keys and tokens are fetched ahead, in the background. */
export function createChannelAccess({ config, edges, signal, metrics, log }: ChannelAccessOptions): ChannelAccess {
  const { identity, cloud } = config;
  const findService = createFindService({
    cloud,
    extraHosts: config.serviceUrlHosts,
    callers: config.allowedCallers,
    allowsLoopback: identity.kind === 'none' || config.allowsEmulator,
  });
  const isAllowed = (serviceUrl: string): boolean => findService(serviceUrl) !== undefined;
  const token = edges.connectorToken ?? createConnectorToken({ identity, cloud, findService, signal, log, ...(edges.authorityUrl !== undefined && { authorityUrl: edges.authorityUrl }) });
  const network = edges.fileNetwork && { network: edges.fileNetwork };
  const entraKeys = new KeyStore({ openIdMetadataUrl: `${edges.authorityUrl ?? cloud.loginUrl}/common/v2.0/.well-known/openid-configuration`, log });
  return {
    authenticate: identity.kind === 'none' ? trustThisMachine(findService) : authenticateFor(identity.appId, findService, entraKeys, { config, edges, metrics, log }),
    readerOf: identity.kind === 'none' ? refuseReaders : createReaders({ ...config, appId: identity.appId, tenantIds: tenantsOf(config), keys: entraKeys, now: Date.now }),
    token,
    isAllowed,
    download: createDownload({ isAllowed, token, ...network }),
    downloadPicture: createDownload({ isAllowed: () => false, token: async () => undefined, fileHosts: PICTURE_HOSTS, ...network }),
  };
}

function authenticateFor(appId: string, findService: FindService, entraKeys: KeyStore, { config, edges, metrics, log }: Omit<ChannelAccessOptions, 'signal'>): Authenticate {
  const channelKeys = new KeyStore({ openIdMetadataUrl: edges.openIdMetadataUrl ?? config.cloud.channelMetadataUrl, log });
  void channelKeys.warmUp();
  metrics.signingKeyAge(() => channelKeys.ageMs);
  const entra = entraFor(config, entraKeys);
  return createAuthentication({ appId, cloud: config.cloud, channelKeys, allowedTenants: config.allowedTenants, findService, now: Date.now, ...(entra && { entra }) });
}

/** Only where the settings let the Emulator or other bots in. */
function entraFor({ cloud, identity, allowedCallers, allowedTenants, allowsEmulator }: Config, keys: KeyStore): EntraOptions | undefined {
  if (identity.kind === 'none' || (!allowsEmulator && allowedCallers.length === 0)) return undefined;
  return {
    keys,
    tenantIds: [identity.tenantId, ...cloud.botFrameworkTenantIds, ...allowedTenants],
    allowsEmulator,
    callerAppIds: allowedCallers.map(({ appId }) => appId),
  };
}

/** Whose people may read; the bot's own tenant where the settings name none (a MultiTenant bot names them). */
function tenantsOf({ allowedTenants, identity }: Config): readonly string[] {
  if (allowedTenants.length > 0) return allowedTenants;
  return identity.kind === 'none' ? [] : [identity.tenantId];
}
