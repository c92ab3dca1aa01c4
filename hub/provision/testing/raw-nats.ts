import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import type { KeyPair } from '@nats-io/nkeys';

/** A NATS client of four words, so that each refusal is seen beside what caused it. */
export interface RawNats {
  /** Sends protocol lines. @returns the server's complaints about them. */
  complaintsAbout(lines: string): Promise<string[]>;
  close(): void;
}

/** Connects and logs in by nkey; complaints about that come with the first call. */
export async function openRawNats(port: number, key: KeyPair): Promise<RawNats> {
  const socket = connect({ host: '127.0.0.1', port });
  await once(socket, 'connect');
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await lines.next();
    return done === true ? undefined : value;
  };
  const { nonce = '' } = JSON.parse((await next())?.replace('INFO ', '') ?? '{}') as {
    nonce?: string;
  };
  const sig = Buffer.from(key.sign(Buffer.from(nonce))).toString('base64url');
  const login = { nkey: key.getPublicKey(), sig, verbose: false, pedantic: false, lang: 'test' };
  socket.write(`CONNECT ${JSON.stringify(login)}\r\n`);
  return {
    async complaintsAbout(text) {
      // The server works through lines in order: what precedes its PONG is about these.
      socket.write(`${text}\r\nPING\r\n`);
      const complaints: string[] = [];
      for (let line = await next(); line !== undefined && line !== 'PONG'; line = await next()) {
        if (line.startsWith('-ERR')) complaints.push(line);
      }
      return complaints;
    },
    close: () => socket.destroy(),
  };
}
