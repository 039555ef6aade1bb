import { once } from 'node:events';
import type { Server } from 'node:http';

/** What a peer is told at its start, as JSON in its first argument. All URLs are http on loopback. */
export interface PeerSettings {
  readonly appId: string;
  readonly tenantId: string;
  /** The fake service: connector, OpenID metadata and keys. */
  readonly serviceUrl: string;
  readonly openIdMetadataUrl: string;
  /** An empty folder of this peer, removed after the run. */
  readonly dataDirectory: string;
  /** An empty PostgreSQL database, for the peers that want one. */
  readonly databaseUrl?: string;
  /** A model service of chat completions; absent: Parley answers offline. */
  readonly modelUrl?: string;
  /** For opening web chats without a page. */
  readonly directLineSecret: string;
  /** Count what is asked of SQLite; that costs a little, so times are measured without. */
  readonly countsStatements?: boolean;
}

/** What a peer uses of the machine since its start. CPU is user and system time of all its threads. */
export interface Usage {
  readonly cpuMs: number;
  readonly rssBytes: number;
  /** Where the peer counts them. */
  readonly statements?: StatementCounts;
}

/** What SQLite was asked since the start. A commit that is to be durable syncs the disk once. */
export interface StatementCounts {
  readonly statements: number;
  readonly commits: number;
}

export type PeerMessage =
  | { readonly kind: 'listening'; readonly url: string; readonly usage: Usage }
  | { readonly kind: 'usage'; readonly usage: Usage };

export interface RunningPeer {
  /** Where messages are posted. */
  readonly url: string;
  readonly statements?: StatementCounts;
  close(): Promise<void>;
}

/**
 * The frame of every peer process: starts it, tells the bench when it listens, answers its questions for CPU and memory,
 * and ends when the bench does.
 */
export async function servePeer(start: (settings: PeerSettings) => Promise<RunningPeer>): Promise<void> {
  // Written by the bench itself (peerProcess.ts).
  const settings = JSON.parse(process.argv[2] ?? '{}') as PeerSettings;
  process.once('disconnect', () => process.exit(0));
  const peer = await start(settings);
  process.on('message', (message) => {
    if (message === 'usage') tell({ kind: 'usage', usage: usage(peer) });
    if (message === 'stop') void peer.close().then(() => process.disconnect());
  });
  tell({ kind: 'listening', url: peer.url, usage: usage(peer) });
}

/** Stops a server with all its connections. */
export async function closeServer(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}

function tell(message: PeerMessage): void {
  process.send?.(message);
}

function usage({ statements }: RunningPeer): Usage {
  const { user, system } = process.cpuUsage();
  return { cpuMs: (user + system) / 1_000, rssBytes: process.memoryUsage.rss(), ...(statements && { statements }) };
}
