import { chmodSync, mkdirSync, statSync } from 'node:fs';
import { chmod, lstat, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from 'pino';
import { messageOf } from '#contracts/fault.ts';
import { maxDocumentBytes, type DocumentIntake, type DocumentsOutcome } from './document-intake.ts';

export interface DocumentsFolderOptions {
  readonly folder: string;
  readonly intake: Pick<DocumentIntake, 'take'>;
  readonly log: Logger;
  readonly pollMs?: number;
}

const defaultPollMs = 1000;

/**
 * Takes documents from files `*.json` that appear in a folder, in the order of their names. A sender
 * writes under another name and renames when the file is whole. A file ends in `done/`, or in
 * `refused/` beside a `.reason.json`; one that cannot be taken now stays and is tried again.
 */
export class DocumentsFolder {
  readonly #options: DocumentsFolderOptions;
  readonly #end = new AbortController();
  #running: Promise<void> | undefined;
  #trouble: string | undefined;

  constructor(options: DocumentsFolderOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#end.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { log, pollMs = defaultPollMs } = this.#options;
    const { signal } = this.#end;
    while (!signal.aborted) {
      try {
        // oxlint-disable-next-line no-await-in-loop -- one look after the other
        await this.#look();
        this.#trouble = undefined;
      } catch (error) {
        // Said once: a share that is away is asked for again and again.
        const reason = messageOf(error);
        if (reason !== this.#trouble) log.error({ reason }, 'documents.folder-failed');
        this.#trouble = reason;
      }
      // oxlint-disable-next-line no-await-in-loop -- until the next look
      await wait(pollMs, undefined, { signal }).catch(() => {});
    }
  }

  async #look(): Promise<void> {
    const { folder } = this.#options;
    const names = (await readdir(folder)).filter((name) => /^[^.].*\.json$/.test(name)).sort();
    for (const name of names) {
      if (this.#end.signal.aborted) return;
      // oxlint-disable-next-line no-await-in-loop -- a later version must come later
      if (!(await this.#takeFile(name))) return;
    }
  }

  /** @returns false when nothing can be taken now. */
  async #takeFile(name: string): Promise<boolean> {
    const { folder, intake, log } = this.#options;
    const path = join(folder, name);
    const stat = await lstat(path);
    // Nobody may lead us elsewhere, or make us wait for a pipe.
    if (!stat.isFile()) return true;
    const outcome: DocumentsOutcome =
      stat.size > maxDocumentBytes
        ? tooLarge(stat.size)
        : await intake.take(await readFile(path, 'utf8'), 'file');
    if (outcome.ok) {
      await this.#move(name, 'done');
      log.info({ file: name, documents: outcome.documents.length }, 'documents.taken');
      return true;
    }
    if (outcome.code === 'UNAVAILABLE') return false;
    const { code, faults, message } = outcome;
    await this.#move(name, 'refused', `${JSON.stringify({ code, message, faults }, null, 2)}\n`);
    log.warn({ file: name, code, faults: faults.length }, 'documents.refused');
    return true;
  }

  /** A name that is taken there gets a number: what was refused once is not overwritten. */
  async #move(name: string, to: 'done' | 'refused', reason?: string): Promise<void> {
    const { folder } = this.#options;
    const target = folderBeside(folder, to);
    const from = join(folder, name);
    for (let number = 1; ; number += 1) {
      const { name: stem, ext } = parse(name);
      const free = number === 1 ? name : `${stem}.${number}${ext}`;
      // oxlint-disable-next-line no-await-in-loop -- until a name is free
      if (await exists(join(target, free))) continue;
      if (reason !== undefined) {
        // Before the file itself: whoever finds that one finds the reason too.
        // oxlint-disable-next-line no-await-in-loop -- once
        await writeReason(join(target, `${parse(free).name}.reason.json`), reason, folder);
      }
      // oxlint-disable-next-line no-await-in-loop -- once
      await rename(from, join(target, free));
      return;
    }
  }
}

/** Whoever may use the folder may use those in it. */
function folderBeside(folder: string, name: string): string {
  const path = join(folder, name);
  mkdirSync(path, { recursive: true });
  const { mode } = statSync(folder);
  chmodSync(path, mode & 0o777);
  return path;
}

async function writeReason(path: string, text: string, folder: string): Promise<void> {
  await writeFile(path, text, { mode: 0o600 });
  await chmod(path, 0o600 | (statSync(folder).mode & 0o044));
}

async function exists(path: string): Promise<boolean> {
  return await lstat(path).then(
    () => true,
    () => false,
  );
}

function tooLarge(bytes: number): DocumentsOutcome {
  const remedy = `send at most ${maxDocumentBytes} bytes at a time`;
  return {
    ok: false,
    code: 'BAD_INPUT',
    message: 'nothing was taken: one fault',
    faults: [{ path: '', value: bytes, remedy }],
  };
}
