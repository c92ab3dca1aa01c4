import type { ClientSession, OPCUAClient } from 'node-opcua';

const closeTimeoutMs = 3000;

/** Closes a client, also one that is still connecting. Never rejects. */
export async function closeClient(client: OPCUAClient, session?: ClientSession): Promise<void> {
  const closing = async (): Promise<void> => {
    try {
      await session?.close(true);
    } catch {
      // A session that cannot be closed times out on the server.
    }
    await client.disconnect();
  };
  let timer: NodeJS.Timeout | undefined;
  const giveUp = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, closeTimeoutMs);
  });
  await Promise.race([closing().catch(() => undefined), giveUp]);
  clearTimeout(timer);
}
