import type { CountCover } from './count-cover.ts';
import type { SessionFile } from './session-file.ts';
import type { Sessions } from './sessions.ts';

/** Changes within this time are one write: several people sign in when a shift begins. */
const gatherMs = 200;

/** Keeps on disk who is signed in and who counts where, and takes it back at the start. */
export class SessionKeeper {
  readonly #file: SessionFile;
  readonly #sessions: Sessions;
  readonly #cover: CountCover;
  #writing: NodeJS.Timeout | undefined;

  constructor(file: SessionFile, sessions: Sessions, cover: CountCover) {
    this.#file = file;
    this.#sessions = sessions;
    this.#cover = cover;
  }

  start(): void {
    const { covers, sessions } = this.#file.read();
    this.#sessions.resume(sessions);
    this.#cover.resume(covers);
    this.#sessions.changed = this.#soon;
    this.#cover.changed = this.#soon;
  }

  stop(): void {
    if (this.#writing !== undefined) this.#write();
  }

  readonly #soon = (): void => {
    this.#writing ??= setTimeout(() => this.#write(), gatherMs);
  };

  #write(): void {
    clearTimeout(this.#writing);
    this.#writing = undefined;
    const sessions = this.#sessions.toKeep();
    this.#file.write({ v: 1, sessions, covers: this.#cover.toKeep() });
  }
}
