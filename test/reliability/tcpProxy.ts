import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** What happens to the bytes between a client and its server. */
export interface TcpFault {
  /** Each piece is held back so long, in each direction. */
  readonly delayMs?: number;
  /** Part (0 to 1) of the pieces from the client at which the connection is cut, before the piece arrives. */
  readonly cutRate?: number;
  /** Nothing arrives any more, in either direction; connections stay open. */
  readonly isBlackHole?: boolean;
}

export interface TcpProxy {
  readonly port: number;
  /** Connections cut so far. */
  readonly cuts: number;
  /** From now on, for open connections too; `{}` for none. */
  suffer(fault: TcpFault): void;
  /** Cuts every open connection; new ones are taken. */
  cutAll(): void;
  close(): Promise<void>;
}

/** Stands between a client and a server on 127.0.0.1. `random`: from 0 up to 1. */
export async function startTcpProxy(targetPort: number, random: () => number = Math.random): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let fault: TcpFault = {};
  let cuts = 0;

  const server = createServer((client) => {
    const upstream = connect(targetPort, '127.0.0.1');
    const cut = (): void => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.setNoDelay(true).on('error', cut).on('close', () => {
        sockets.delete(socket);
        cut();
      });
    }
    client.on('data', (piece) => {
      if (random() < (fault.cutRate ?? 0)) {
        cuts += 1;
        cut();
      } else passOn(piece, upstream, fault);
    });
    upstream.on('data', (piece) => passOn(piece, client, fault));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    port: (server.address() as AddressInfo).port, // a TCP server that listens has an address
    get cuts() {
      return cuts;
    },
    suffer: (next) => void (fault = next),
    cutAll: () => {
      for (const socket of sockets) socket.destroy();
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((closed) => server.close(closed));
    },
  };
}

/** Timers of one length keep their order, and so do the pieces. */
function passOn(piece: Buffer | string, to: Socket, { delayMs = 0, isBlackHole = false }: TcpFault): void {
  if (isBlackHole) return;
  if (delayMs === 0) to.write(piece);
  else setTimeout(() => to.writable && to.write(piece), delayMs);
}
