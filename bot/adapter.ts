import { CloudAdapter } from 'botbuilder';
import {
  BotFrameworkAuthentication,
  ClaimsIdentity,
  type AuthenticateRequestResult,
  type ConnectorFactory,
  UserTokenClient,
} from 'botframework-connector';
import type { ConnectorFor } from './connector/connector';
import { createConnectorFactory } from './connector/botFrameworkConnector';

export interface BotAdapter {
  readonly adapter: CloudAdapter;
  /** What botbuilder wants to know of a caller whom the host has checked. */
  readonly caller: AuthenticateRequestResult;
}

/**
 * botbuilder's adapter on our own connector and authentication. Activities reach it only after bot/authentication.ts
 * has let them in: see 'reliability' of botbuilder 4.23.3, which skips checks when serviceUrl is missing.
 */
export function createAdapter(appId: string, connectorFor: ConnectorFor): BotAdapter {
  const connectorFactory = createConnectorFactory(connectorFor);
  const claimsIdentity = new ClaimsIdentity([{ type: 'aud', value: appId }, { type: 'appid', value: appId }], true);
  return {
    adapter: new CloudAdapter(new HostAuthentication(connectorFactory)),
    caller: { audience: 'https://api.botframework.com', claimsIdentity, connectorFactory },
  };
}

class HostAuthentication extends BotFrameworkAuthentication {
  constructor(private readonly connectorFactory: ConnectorFactory) {
    super();
  }

  override authenticateRequest(): Promise<AuthenticateRequestResult> {
    return Promise.reject(new Error('Callers are checked in bot/authentication.ts.'));
  }

  override authenticateStreamingRequest(): Promise<AuthenticateRequestResult> {
    return Promise.reject(new Error('Streaming connections are not offered.'));
  }

  override createConnectorFactory(): ConnectorFactory {
    return this.connectorFactory;
  }

  /** Sign-in on behalf of people is not used. */
  override createUserTokenClient(): Promise<UserTokenClient> {
    return Promise.resolve(noUserTokens);
  }
}

// Only OAuth prompts would call its methods, and there are none.
const noUserTokens: UserTokenClient = Object.create(UserTokenClient.prototype) as UserTokenClient;
