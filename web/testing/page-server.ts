import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { csrfHeader } from '#contracts/api/session-api.ts';

/** What the servers of the tests share: a port, a clock that goes on, streams, answers held back. */
export abstract class PageServer {
  /** Requests that would change something and lack the header that proves their origin. */
  unsafeWithoutHeader = 0;
  protected readonly startMs: number;
  readonly #startedAt = performance.now();
  readonly #streams = new Set<ServerResponse>();
  readonly #held = new Set<ServerResponse>();
  #server: Server | undefined;

  /** @param nowMs its clock at the start. */
  constructor(nowMs: number) {
    this.startMs = nowMs;
  }

  protected abstract serve(request: IncomingMessage, response: ServerResponse): Promise<void>;

  nowMs(): number {
    return this.startMs + Math.round(performance.now() - this.#startedAt);
  }

  /** @returns the address to open. */
  async start(): Promise<string> {
    const server = createServer((request, response) => {
      const isUnsafe = request.method !== 'GET' && request.headers[csrfHeader] === undefined;
      if (isUnsafe) this.unsafeWithoutHeader += 1;
      void this.serve(request, response);
    });
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return `http://127.0.0.1:${address.port}`;
  }

  stop(): void {
    this.#server?.closeAllConnections();
    this.#server?.close();
  }

  /** Answers what was held back by cutting it. */
  release(): void {
    for (const response of this.#held) response.destroy();
    this.#held.clear();
  }

  /** Cuts every open stream, as a lost network would. */
  cutStreams(): void {
    for (const stream of this.#streams) stream.destroy();
    this.#streams.clear();
  }

  protected get streams(): number {
    return this.#streams.size;
  }

  /** Nothing comes until `release`. */
  protected hold(response: ServerResponse): void {
    this.#held.add(response);
  }

  protected openStream(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.write(': open\n\n');
    this.#streams.add(response);
    response.on('close', () => this.#streams.delete(response));
  }

  protected tell(message: object): void {
    for (const stream of this.#streams) stream.write(`data: ${JSON.stringify(message)}\n\n`);
  }
}
