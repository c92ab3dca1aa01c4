import { chmodSync, mkdirSync, statSync, type Stats } from 'node:fs';
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

/** A file that stays where it is although it is to be taken; it is tried again and again. */
export interface StuckFile {
  /** `.` is the folder itself. */
  readonly file: string;
  readonly reason: string;
}

const defaultPollMs = 1000;
/** Bytes of a file's name (POSIX NAME_MAX of common file systems). */
const longestName = 255;

/**
 * Takes documents from files `*.json` that appear in a folder, in the order of their names. A sender
 * writes under another name and renames when the file is whole. A file ends in `done/`, or in
 * `refused/` beside a `.reason.json`; one that cannot be taken now stays and is tried again, and
 * keeps no other from being taken.
 */
export class DocumentsFolder {
  readonly #options: DocumentsFolderOptions;
  readonly #end = new AbortController();
  #running: Promise<void> | undefined;
  /** File → why it is stuck. */
  readonly #stuck = new Map<string, string>();

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

  /** What does not get on, until it does or is taken away. */
  stuck(): readonly StuckFile[] {
    return [...this.#stuck].map(([file, reason]) => ({ file, reason }));
  }

  async #run(): Promise<void> {
    const { pollMs = defaultPollMs } = this.#options;
    const { signal } = this.#end;
    while (!signal.aborted) {
      try {
        // oxlint-disable-next-line no-await-in-loop -- one look after the other
        await this.#look();
        this.#stuck.delete('.');
      } catch (error) {
        this.#note('.', messageOf(error));
      }
      // oxlint-disable-next-line no-await-in-loop -- until the next look
      await wait(pollMs, undefined, { signal }).catch(() => {});
    }
  }

  async #look(): Promise<void> {
    const { folder } = this.#options;
    const names = (await readdir(folder)).filter((name) => /^[^.].*\.json$/.test(name)).sort();
    for (const file of this.#stuck.keys()) if (!names.includes(file)) this.#stuck.delete(file);
    for (const name of names) {
      if (this.#end.signal.aborted) return;
      try {
        // oxlint-disable-next-line no-await-in-loop -- a later version must come later
        const outcome = await this.#takeFile(name);
        if (outcome === 'later') return;
        if (outcome === 'moved') this.#stuck.delete(name);
        else this.#note(name, outcome.stuck);
      } catch (error) {
        this.#note(name, messageOf(error));
      }
    }
  }

  /** Said once: what is stuck is tried again and again. */
  #note(file: string, reason: string): void {
    if (this.#stuck.get(file) === reason) return;
    this.#stuck.set(file, reason);
    const { log } = this.#options;
    if (file === '.') log.error({ reason }, 'documents.folder-failed');
    else log.warn({ file, reason }, 'documents.file-stuck');
  }

  /** `later`: nothing can be taken now. */
  async #takeFile(name: string): Promise<'moved' | 'later' | { readonly stuck: string }> {
    const { folder, intake, log } = this.#options;
    const path = join(folder, name);
    const stat = await lstat(path);
    // Nobody may lead us elsewhere, or make us wait for a pipe.
    if (!stat.isFile()) return { stuck: `${whatIs(stat)}: put the document itself here` };
    const outcome: DocumentsOutcome =
      stat.size > maxDocumentBytes
        ? tooLarge(stat.size)
        : await intake.take(await readFile(path, 'utf8'), 'file');
    if (outcome.ok) {
      await this.#move(name, 'done');
      log.info({ file: name, documents: outcome.documents.length }, 'documents.taken');
      return 'moved';
    }
    if (outcome.code === 'UNAVAILABLE') return 'later';
    const { code, faults, message } = outcome;
    await this.#move(name, 'refused', `${JSON.stringify({ code, message, faults }, null, 2)}\n`);
    log.warn({ file: name, code, faults: faults.length }, 'documents.refused');
    return 'moved';
  }

  /** A name that is taken there gets a number: what was refused once is not overwritten. */
  async #move(name: string, to: 'done' | 'refused', reason?: string): Promise<void> {
    const { folder } = this.#options;
    const target = folderBeside(folder, to);
    const from = join(folder, name);
    const { name: stem, ext } = parse(name);
    for (let number = 1; ; number += 1) {
      const ending = number === 1 ? '' : `.${number}`;
      const free = fitting(stem, `${ending}${ext}`);
      const reasonName = fitting(stem, `${ending}.reason.json`);
      // oxlint-disable-next-line no-await-in-loop -- until both names are free
      if (await isAnyThere(target, reason === undefined ? [free] : [free, reasonName])) continue;
      if (reason !== undefined) {
        // Before the file itself: whoever finds that one finds the reason too.
        // oxlint-disable-next-line no-await-in-loop -- once
        await writeReason(join(target, reasonName), reason, folder);
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

async function isAnyThere(folder: string, names: readonly string[]): Promise<boolean> {
  const stats = await Promise.all(
    names.map((name) => lstat(join(folder, name)).catch(() => undefined)),
  );
  return stats.some((stat) => stat !== undefined);
}

/** A name with this end, its begin cut where it would be longer than a name may be. */
function fitting(stem: string, end: string): string {
  let kept = stem;
  while (Buffer.byteLength(kept) + Buffer.byteLength(end) > longestName) {
    kept = kept.slice(0, -1);
  }
  // Half a character is none.
  return `${kept.replace(/[\uD800-\uDBFF]$/, '')}${end}`;
}

function whatIs(stat: Stats): string {
  if (stat.isDirectory()) return 'is a folder';
  if (stat.isSymbolicLink()) return 'is a link';
  return stat.isFIFO() ? 'is a pipe' : 'is no plain file';
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
