import { once } from 'node:events';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { Contestant, DIRECT_LINE_SECRET, toMB, type Bench } from './bench';
import type { Peer, PeerName } from './peers';
import { toTable } from './report';
import { readStore } from './store';

/** What open web chats cost while nobody says anything. Each is a conversation with a WebSocket of its own. */
export interface SocketCost {
  readonly name: PeerName;
  readonly sockets: number;
  readonly rssMB: number;
  /** Memory of the process beyond what it had with none, shared out. */
  readonly rssKBPerSocket: number;
  /** CPU of opening one: conversation, greeting, handshake. */
  readonly openCpuMs: number;
  /** CPU of the process in a second in which nobody says anything; each socket is pinged every 15 seconds. */
  readonly idleCpuMsPerSecond: number;
  /** Connections to the database server; 0 where there is none. */
  readonly connections: number;
}

const WARM_UP_SOCKETS = 100;
const AT_ONCE = 25; // How many are being opened at a time.
const SETTLE_MS = 5_000; // Greetings are delivered, and short-lived memory is collected.
const IDLE_MS = 30_000; // Two rounds of pings.

/** Opens as many as planned, step by step, in one fresh Parley. */
export async function measureSockets(bench: Bench, peer: Peer): Promise<readonly SocketCost[]> {
  const contestant = await Contestant.start({ ...bench, plan: { ...bench.plan, profile: undefined } }, peer, { starts: 1 });
  const open: WebSocket[] = [];
  try {
    await closeAll(await openMany(contestant.process.url, WARM_UP_SOCKETS));
    await pause(SETTLE_MS);
    const base = await contestant.read();
    const costs: SocketCost[] = [];
    for (const sockets of bench.plan.sockets.toSorted((a, b) => a - b)) {
      bench.say(`${sockets} open web chats with ${peer.name}`);
      bench.signal.throwIfAborted();
      const added = sockets - open.length;
      const before = await contestant.read();
      open.push(...(await openMany(contestant.process.url, added)));
      await pause(SETTLE_MS);
      const opened = await contestant.read();
      await pause(IDLE_MS);
      const idle = await contestant.read();
      costs.push({
        name: peer.name,
        sockets: open.filter(({ readyState }) => readyState === WebSocket.OPEN).length,
        rssMB: toMB(idle.rssBytes),
        rssKBPerSocket: (idle.rssBytes - base.rssBytes) / 1_024 / sockets,
        openCpuMs: (opened.cpuMs - before.cpuMs) / added,
        idleCpuMsPerSecond: (idle.cpuMs - opened.cpuMs) / (IDLE_MS / 1_000),
        connections: peer.store === 'postgres' ? ((await readStore(peer, contestant.process, bench.postgres))?.connections ?? 0) : 0,
      });
    }
    return costs;
  } finally {
    await closeAll(open);
    await contestant.stop();
  }
}

export function socketsText(costs: readonly SocketCost[]): string {
  const cells = costs.map(({ name, sockets, rssMB, rssKBPerSocket, openCpuMs, idleCpuMsPerSecond, connections }) =>
    [name, sockets, Math.round(rssMB), rssKBPerSocket.toFixed(1), openCpuMs.toFixed(2), idleCpuMsPerSecond.toFixed(2), connections || '-']);
  return toTable(['open web chats', 'sockets', 'RSS MB', 'KB each', 'CPU ms to open', 'idle CPU ms/s', 'connections'], cells);
}

async function openMany(url: string, count: number): Promise<WebSocket[]> {
  const sockets: WebSocket[] = [];
  let begun = 0;
  const openOn = async (): Promise<void> => {
    while (begun < count) {
      begun += 1;
      sockets.push(await openOne(new URL('/v3/directline/conversations', url)));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, openOn));
  return sockets;
}

const startedSchema = z.object({ streamUrl: z.url() });

async function openOne(conversationsUrl: URL): Promise<WebSocket> {
  const response = await fetch(conversationsUrl, { method: 'POST', headers: { authorization: `Bearer ${DIRECT_LINE_SECRET}` } });
  if (!response.ok) throw new Error(`A conversation was refused with ${response.status}.`);
  const socket = new WebSocket(startedSchema.parse(await response.json()).streamUrl.replace('localhost', '127.0.0.1'));
  await once(socket, 'open');
  return socket;
}

async function closeAll(sockets: readonly WebSocket[]): Promise<void> {
  await Promise.all(sockets.map(async (socket) => {
    const closed = once(socket, 'close');
    socket.terminate();
    await closed;
  }));
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
