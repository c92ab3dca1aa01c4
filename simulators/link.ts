import { createServer, connect, type Server, type Socket } from 'node:net';

export interface LinkTarget {
  readonly host: string;
  readonly port: number;
}

/**
 * How a link fails: `refuse` breaks connections and answers new ones with a reset; `black-hole`
 * lets everything stand and delivers nothing, which a peer can only notice by silence.
 */
export type CutMode = 'refuse' | 'black-hole';

interface Pipe {
  readonly near: Socket;
  readonly far: Socket;
}

/** A TCP link between two processes that can be cut, healed and slowed down. */
export class Link {
  readonly #target: LinkTarget;
  readonly #pipes = new Set<Pipe>();
  readonly #held = new Set<Socket>();
  #server: Server | undefined;
  #cut: CutMode | undefined;
  #delayMs = 0;

  constructor(target: LinkTarget) {
    this.#target = target;
  }

  /** @returns the port on 127.0.0.1 that stands for the target. */
  async start(): Promise<number> {
    const server = createServer((near) => this.#accept(near));
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    return this.port;
  }

  get port(): number {
    const address = this.#server?.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  get isCut(): boolean {
    return this.#cut !== undefined;
  }

  cut(mode: CutMode): void {
    this.#cut = mode;
    if (mode === 'refuse') this.#reset();
    else for (const socket of this.#sockets()) socket.pause();
  }

  /** Connections that a black hole held go on; those that were refused have to be made anew. */
  heal(): void {
    this.#cut = undefined;
    for (const socket of this.#sockets()) socket.resume();
    for (const near of this.#held) this.#join(near);
    this.#held.clear();
  }

  /** Delays what arrives from now on, in both directions. */
  delay(delayMs: number): void {
    this.#delayMs = delayMs;
  }

  async stop(): Promise<void> {
    this.#reset();
    const server = this.#server;
    this.#server = undefined;
    if (server !== undefined) await new Promise((resolve) => server.close(resolve));
  }

  #accept(near: Socket): void {
    near.on('error', () => near.destroy());
    if (this.#cut === 'refuse') near.resetAndDestroy();
    else if (this.#cut === 'black-hole') this.#hold(near);
    else this.#join(near);
  }

  #hold(near: Socket): void {
    near.pause();
    this.#held.add(near);
    near.once('close', () => this.#held.delete(near));
  }

  #join(near: Socket): void {
    const far = connect(this.#target);
    const pipe = { near, far };
    this.#pipes.add(pipe);
    const end = () => {
      this.#pipes.delete(pipe);
      near.destroy();
      far.destroy();
    };
    far.on('error', end);
    far.on('close', end);
    near.on('close', end);
    this.#forward(near, far);
    this.#forward(far, near);
    near.setNoDelay(true);
    far.setNoDelay(true);
    near.resume();
  }

  /** Timers of equal delay fire in order, so a delay never reorders bytes unless it was shortened. */
  #forward(from: Socket, to: Socket): void {
    let dueAt = 0;
    from.on('data', (chunk: Buffer) => {
      if (this.#delayMs === 0 && dueAt === 0) {
        if (!to.write(chunk)) holdBack(from, to, () => this.isCut);
        return;
      }
      dueAt += 1;
      setTimeout(() => {
        dueAt -= 1;
        if (!to.destroyed) to.write(chunk);
      }, this.#delayMs);
    });
  }

  #sockets(): Socket[] {
    return [...this.#pipes].flatMap(({ near, far }) => [near, far]);
  }

  #reset(): void {
    for (const socket of [...this.#sockets(), ...this.#held]) socket.resetAndDestroy();
    this.#pipes.clear();
    this.#held.clear();
  }
}

/** Stops reading while the other side is full; a link that was cut meanwhile stays stopped. */
function holdBack(from: Socket, to: Socket, isCut: () => boolean): void {
  from.pause();
  to.once('drain', () => {
    if (!isCut()) from.resume();
  });
}
