import { createAddressLimit, type AddressLimit } from './addressLimit';
import { createClientAddress, type ClientAddress } from './clientAddress';
import type { Config } from './config';
import { burstOf, createFloodGate, type FloodGate } from './flood';
import { createAddressCounter, type AddressCounter, type HostLimits } from './hostGuard';
import type { Metrics } from './metrics';
import { createRateLimit } from './rateLimit';

/** What keeps a few from taking the host away from all others. */
export interface Gates {
  readonly host: HostLimits;
  readonly floods: FloodGate;
  readonly limitAddress: AddressLimit;
  readonly streamsOf: { readonly addressOf: ClientAddress; readonly open: AddressCounter };
}

export function createGates(config: Config, metrics: Pick<Metrics, 'flooded'>): Gates {
  const { maxConnections, maxConnectionsPerAddress, messagesPerMinute, trustedProxyHops } = config;
  const isBehindProxy = trustedProxyHops > 0;
  const addressOf = createClientAddress(trustedProxyHops);
  const { address: perMinute } = messagesPerMinute;
  return {
    host: {
      maxConnections,
      maxConnectionsPerAddress: isBehindProxy ? Infinity : maxConnectionsPerAddress, // they all come from the proxy's
      isBehindProxy,
      isSecure: config.publicUrl?.startsWith('https:') ?? false,
    },
    floods: createFloodGate({ ...messagesPerMinute, onFlood: (of) => metrics.flooded(of) }),
    limitAddress: createAddressLimit(createRateLimit({ perMinute, burst: burstOf(perMinute) }), addressOf),
    streamsOf: { addressOf, open: createAddressCounter(maxConnectionsPerAddress) },
  };
}
