import { connect } from 'node:net';

/** Whether something accepts connections and, if it must speak first, speaks. */
export async function answersTcp(port: number, speaksFirst = false): Promise<boolean> {
  const socket = connect({ host: '127.0.0.1', port });
  socket.setTimeout(1000);
  try {
    return await new Promise<boolean>((resolve) => {
      socket.once(speaksFirst ? 'data' : 'connect', () => resolve(true));
      socket.once('error', () => resolve(false));
      socket.once('timeout', () => resolve(false));
      socket.once('close', () => resolve(false));
    });
  } finally {
    socket.destroy();
  }
}

/** Whether an HTTP path answers with success. */
export async function answersHttp(url: string): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
  await response.arrayBuffer();
  return response.ok;
}
