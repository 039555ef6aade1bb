import { generateKeyPairSync, sign, type JsonWebKey, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { closeServer } from './peer';

/** What a bot sent to its channel. */
export interface Received {
  readonly conversationId: string;
  readonly type: string;
  readonly text: string;
  readonly replyToId: string | undefined;
}

export interface TokenClaims {
  readonly issuer: string;
  readonly audience: string;
  readonly tenantId?: string;
}

/**
 * The channel's side of the bench on one loopback port: a connector that answers at once, the OpenID metadata and keys,
 * and tokens signed with them. It spends as little as it can, since it shares a core with the load.
 */
export interface FakeService {
  readonly url: string;
  readonly openIdMetadataUrl: string;
  /** Where what bots send goes; one listener at a time. */
  onReceived(listener: (received: Received) => void): void;
  /** Calls of the connector so far. */
  connectorCalls(): number;
  /** A channel token, good for an hour: RS256, with the claim `serviceurl` as the real service has it. */
  token(claims: TokenClaims): string;
  close(): Promise<void>;
}

interface Keys {
  readonly privateKey: KeyObject;
  readonly publicJwk: JsonWebKey;
}

const KEY_ID = 'bench';
const ACTIVITY_PATH = /^\/v3\/conversations\/([^/]+)\/activities/;

/** Starts the fake service on a free port of 127.0.0.1. */
export async function startFakeService(): Promise<FakeService> {
  const keys = createKeys();
  let listener: (received: Received) => void = () => undefined;
  let calls = 0;
  const server = createServer((request, response) => {
    const conversationId = request.method === 'GET' ? undefined : ACTIVITY_PATH.exec(request.url ?? '')?.[1];
    if (conversationId === undefined) {
      answerKeys(request, response, keys);
      return;
    }
    calls += 1;
    readBody(request, (body) => {
      answer(response, 200, `{"id":"${calls}"}`);
      listener(toReceived(decodeURIComponent(conversationId), body));
    });
  });
  // A bot that keeps its connections must not find them closed between two rounds.
  server.keepAliveTimeout = 120_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A listening TCP server's address is an object.
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    openIdMetadataUrl: `${url}/v1/.well-known/openidconfiguration`,
    onReceived: (next) => void (listener = next),
    connectorCalls: () => calls,
    token: (claims) => signToken(keys.privateKey, url, claims),
    close: () => closeServer(server),
  };
}

function createKeys(): Keys {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { privateKey, publicJwk: publicKey.export({ format: 'jwk' }) };
}

function answerKeys(request: IncomingMessage, response: ServerResponse, keys: Keys): void {
  const path = request.url ?? '';
  if (path.endsWith('/openidconfiguration')) answerJson(response, toMetadata(`http://${request.headers.host ?? ''}`));
  else if (path.endsWith('/keys')) answerJson(response, { keys: [toKey(keys)] });
  else answer(response, 404, '{}');
}

const toMetadata = (url: string): object =>
  ({ issuer: 'https://api.botframework.com', jwks_uri: `${url}/keys`, id_token_signing_alg_values_supported: ['RS256'] });

const toKey = ({ publicJwk }: Keys): object =>
  ({ ...publicJwk, kid: KEY_ID, x5t: KEY_ID, use: 'sig', alg: 'RS256', endorsements: ['msteams', 'webchat', 'directline'] });

function answerJson(response: ServerResponse, value: object): void {
  answer(response, 200, JSON.stringify(value));
}

function readBody(request: IncomingMessage, done: (body: string) => void): void {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => done(Buffer.concat(chunks).toString('utf8')));
}

function answer(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

function toReceived(conversationId: string, body: string): Received {
  // Whatever a bot sends is read leniently: a wrong answer is the load's to report.
  const activity = JSON.parse(body) as Partial<Received>;
  return { conversationId, type: activity.type ?? '', text: activity.text ?? '', replyToId: activity.replyToId };
}

/** By hand, with node:crypto: the claims of "Connector to Bot" in the Bot Framework's authentication reference. */
function signToken(privateKey: KeyObject, serviceUrl: string, { issuer, audience, tenantId }: TokenClaims): string {
  const now = Math.floor(Date.now() / 1_000);
  const header = { alg: 'RS256', typ: 'JWT', kid: KEY_ID, x5t: KEY_ID };
  const payload = { iss: issuer, aud: audience, tid: tenantId, serviceurl: serviceUrl, nbf: now - 60, iat: now - 60, exp: now + 3_600 };
  const signed = [header, payload].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`;
}
