import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

interface Piece {
  readonly chunk: Buffer;
}

type Done = (error?: Error | null) => void;

/** So much may wait for one device to read it. */
export const maxUnreadBytes = 262_144;

/**
 * What the protocol engine has of a connection: it reads the frames that are left for it, and what
 * it writes goes to the socket. Being a stream of its own, it is not woken by what goes past it.
 */
export class EngineStream extends Duplex {
  readonly #socket: Socket;
  readonly #notRead: () => void;
  #wantsMore = (): void => {};

  /** @param notRead is called when more is written than the device has read in a long while */
  constructor(socket: Socket, notRead: () => void) {
    super();
    this.#socket = socket;
    this.#notRead = notRead;
    socket.on('end', () => this.push(null));
    socket.on('error', (error) => this.destroy(error));
    socket.on('close', () => this.destroy());
  }

  /** Calls `listener` whenever the engine has taken what it was given. */
  onWantsMore(listener: () => void): void {
    this.#wantsMore = listener;
  }

  override _read(): void {
    this.#wantsMore();
  }

  /** Whatever the engine has to say, no more than so much of it waits for a device. */
  override write(chunk: unknown, encoding?: BufferEncoding | Done, done?: Done): boolean {
    if (this.writableLength > maxUnreadBytes) this.#notRead();
    return super.write(chunk, encoding as BufferEncoding, done);
  }

  override _writev(pieces: readonly Piece[], done: () => void): void {
    const socket = this.#socket;
    socket.cork();
    for (const { chunk } of pieces) socket.write(chunk);
    socket.uncork();
    if (socket.writableNeedDrain) socket.once('drain', done);
    else done();
  }

  override _final(done: () => void): void {
    this.#socket.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }
}
