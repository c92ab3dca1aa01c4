import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

interface Piece {
  readonly chunk: Buffer;
}

/**
 * What the protocol engine has of a connection: it reads the frames that are left for it, and what
 * it writes goes to the socket. Being a stream of its own, it is not woken by what goes past it.
 */
export class EngineStream extends Duplex {
  readonly #socket: Socket;
  #wantsMore = (): void => {};

  constructor(socket: Socket) {
    super();
    this.#socket = socket;
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
