import { Socket } from 'node:net';

/** Holds what a device sends at once; what is longer comes in pieces. */
const bufferBytes = 65_536;

let shared: Buffer | undefined;

/**
 * Reads a connection into one buffer that all connections share, instead of into a new one for every
 * read: with many small messages, making those and sweeping them away costs a tenth of all time.
 *
 * Node offers it (`onread`) to a socket as it is made, which a server does not let anyone have a say
 * in; so the accepted socket gives its handle up to one that was made with it. One with TLS, whose
 * handle is more than a connection, is read as usual.
 *
 * @param take is called with bytes that are its own until it returns; false stops reading, until
 *   `resume`.
 * @returns the socket to use from now on.
 */
export function readShared(accepted: Socket, take: (bytes: Buffer) => boolean): Socket {
  const holder = accepted as unknown as { _handle?: object | null };
  const { _handle: handle } = holder;
  if ('encrypted' in accepted || typeof handle !== 'object' || handle === null) {
    return accepted.on('data', (bytes: Buffer) => {
      if (!take(bytes)) accepted.pause();
    });
  }
  const buffer = (shared ??= Buffer.allocUnsafeSlow(bufferBytes));
  const onread = { buffer, callback: (bytes: number) => take(buffer.subarray(0, bytes)) };
  const socket = new Socket({ handle, onread } as ConstructorParameters<typeof Socket>[0]);
  holder._handle = null;
  accepted.destroy();
  return socket.resume();
}
