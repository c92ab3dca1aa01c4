import { connect } from 'node:net';

/** What became of a plain connection to a server. */
export type Reach = 'refused' | 'unknown-host' | 'no-route' | 'no-answer' | 'accepted';

const timeoutMs = 3000;
const byCode: Readonly<Record<string, Reach>> = {
  EAI_AGAIN: 'unknown-host',
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'no-route',
  ENETUNREACH: 'no-route',
  ENOTFOUND: 'unknown-host',
};

/** Whether anybody is at `opc.tcp://host:port/…`: the library itself does not tell. */
export function reachServer(endpoint: string): Promise<Reach> {
  const [, host = '', port = '4840'] =
    /^opc\.tcp:\/\/(\[[^\]]+\]|[^/:]+)(?::(\d+))?/.exec(endpoint) ?? [];
  return new Promise((resolve) => {
    const socket = connect({ host: host.replaceAll(/[[\]]/g, ''), port: Number(port) });
    const end = (reach: Reach): void => {
      socket.destroy();
      resolve(reach);
    };
    socket.setTimeout(timeoutMs, () => end('no-answer'));
    socket.once('connect', () => end('accepted'));
    socket.once('error', ({ code = '' }: NodeJS.ErrnoException) =>
      end(byCode[code] ?? 'no-answer'),
    );
  });
}
