import { createServer, connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** A TCP relay in front of a server, which can be cut and healed. */
export interface CuttableLink {
  readonly port: number;
  /** Breaks all connections and refuses new ones. */
  cut(): void;
  /** Lets nothing through any more, without a word to either side, as a pulled cable does. */
  swallow(): void;
  heal(): void;
  close(): Promise<void>;
}

export async function openCuttableLink(targetPort: number): Promise<CuttableLink> {
  const sockets = new Set<Socket>();
  let isCut = false;
  let isSwallowing = false;
  const server = createServer((near) => {
    if (isCut) {
      near.destroy();
      return;
    }
    const far = connect(targetPort, '127.0.0.1');
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
      socket.on('data', (bytes) => {
        if (!isSwallowing) other.write(bytes);
      });
      socket.on('end', () => {
        if (!isSwallowing) other.end();
      });
    }
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const breakAll = (): void => {
    isCut = true;
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut: breakAll,
    swallow: () => {
      isSwallowing = true;
    },
    heal: () => {
      // What was swallowed is gone: no connection can go on without it.
      if (isSwallowing) for (const socket of sockets) socket.destroy();
      isSwallowing = false;
      isCut = false;
    },
    close: async () => {
      breakAll();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}
