import type { CountCover } from './count-cover.ts';
import type { SessionFile } from './session-file.ts';
import type { Sessions } from './sessions.ts';

/** The first change is written at once, those within this time as one: a shift signs in together. */
const gatherMs = 200;

/** Keeps on disk who is signed in and who counts where, and takes it back at the start. */
export class SessionKeeper {
  readonly #file: SessionFile;
  readonly #sessions: Sessions;
  readonly #cover: CountCover;
  #gathering: NodeJS.Timeout | undefined;
  #isBehind = false;

  constructor(file: SessionFile, sessions: Sessions, cover: CountCover) {
    this.#file = file;
    this.#sessions = sessions;
    this.#cover = cover;
  }

  start(): void {
    const { covers, sessions } = this.#file.read();
    this.#sessions.resume(sessions);
    this.#cover.resume(covers);
    this.#sessions.changed = this.#keep;
    this.#cover.changed = this.#keep;
  }

  stop(): void {
    clearTimeout(this.#gathering);
    if (this.#isBehind) this.#write();
  }

  readonly #keep = (): void => {
    if (this.#gathering !== undefined) {
      this.#isBehind = true;
      return;
    }
    this.#write();
    this.#gathering = setTimeout(() => {
      this.#gathering = undefined;
      if (this.#isBehind) this.#keep();
    }, gatherMs);
  };

  #write(): void {
    this.#isBehind = false;
    const sessions = this.#sessions.toKeep();
    this.#file.write({ v: 1, sessions, covers: this.#cover.toKeep() });
  }
}
