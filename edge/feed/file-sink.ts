import { statSync } from 'node:fs';
import { lstat, open, readdir, rename, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault, messageOf } from '#contracts/fault.ts';
import { defaultKeepBytes, defaultRotateBytes } from '../config/feed-config.ts';
import type { FeedEvent } from './feed-event.ts';
import type { FeedSink } from './feed-sink.ts';

export interface FileSinkOptions {
  readonly folder: string;
  readonly rotateBytes?: number | undefined;
  readonly keepBytes?: number | undefined;
}

const active = 'events.ndjson';
const closedName = /^events-.*\.ndjson$/;
const tailBytes = 65_536;
/** More than an id is long. */
const headBytes = 512;

/**
 * Appends events to `events.ndjson`, a line each, and syncs it before it says that they are there.
 * A file that is long enough is closed as `events-<first id>--<last id>.ndjson`: then it changes no
 * more and is the reader's to take away. Closed files and the open one hold `keepBytes` at most.
 */
export function createFileSink(options: FileSinkOptions): FeedSink {
  const sink = new FileSink(options);
  return {
    type: 'file',
    batchEvents: 500,
    deliver: (events) => sink.deliver(events),
    close: () => sink.close(),
  };
}

class FileSink {
  readonly #folder: string;
  readonly #rotateBytes: number;
  readonly #keepBytes: number;
  #file: FileHandle | undefined;
  #length = 0;
  /** Of the first event in the open file. */
  #firstId = '';

  constructor({ folder, rotateBytes, keepBytes }: FileSinkOptions) {
    this.#folder = folder;
    this.#rotateBytes = rotateBytes ?? defaultRotateBytes;
    this.#keepBytes = keepBytes ?? defaultKeepBytes;
  }

  async deliver(events: readonly FeedEvent[]): Promise<void> {
    const [first, last] = [events[0], events.at(-1)];
    if (first === undefined || last === undefined) return;
    try {
      const bytes = Buffer.from(events.map(({ text }) => `${text}\n`).join(''), 'utf8');
      await this.#checkRoom(bytes.length);
      const file = (this.#file ??= await this.#open());
      if (this.#length === 0) this.#firstId = first.id;
      await this.#append(file, bytes);
      if (this.#length >= this.#rotateBytes) await this.#rotate(file, last);
    } catch (cause) {
      // Whatever is in the file beyond what was synced is cut off when it is opened again.
      await this.close();
      if (cause instanceof Fault) throw cause;
      throw new Fault('STORE_FULL', messageOf(cause), { cause });
    }
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close().catch(() => {});
  }

  /** A write or a kill may have left half a line: its event is delivered again. */
  async #open(): Promise<FileHandle> {
    const path = join(this.#folder, active);
    // Whoever may read the folder may read what is put into it.
    const mode = statSync(this.#folder).mode & 0o644;
    const file = await open(path, 'a+', 0o600);
    try {
      await file.chmod(mode | 0o600);
      const { size } = await file.stat();
      this.#length = await endOfLines(file, size);
      if (this.#length < size) await file.truncate(this.#length);
      this.#firstId = await firstIdIn(file, this.#length);
      await file.datasync();
      await syncFolder(this.#folder);
      return file;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  async #append(file: FileHandle, bytes: Uint8Array): Promise<void> {
    await file.appendFile(bytes);
    await file.datasync();
    this.#length += bytes.length;
  }

  /**
   * A kill after this and before the cursor is written has the last events delivered once more. A
   * file that is closed again with them must not take the place of the one that has more: it has
   * another first id, and a name that is there is not used again.
   */
  async #rotate(file: FileHandle, { id }: FeedEvent): Promise<void> {
    this.#file = undefined;
    await file.close();
    const stem = `events-${inName(this.#firstId)}--${inName(id)}`;
    for (let number = 1; ; number += 1) {
      const name = number === 1 ? `${stem}.ndjson` : `${stem}.${number}.ndjson`;
      // oxlint-disable-next-line no-await-in-loop -- until a name is free
      if (await isThere(join(this.#folder, name))) continue;
      // oxlint-disable-next-line no-await-in-loop -- once
      await rename(join(this.#folder, active), join(this.#folder, name));
      break;
    }
    await syncFolder(this.#folder);
  }

  /** Where no closed file waits to be taken away, the open one must be able to become one. */
  async #checkRoom(bytes: number): Promise<void> {
    let held = bytes;
    let closed = 0;
    for (const name of await readdir(this.#folder)) {
      if (name !== active && !closedName.test(name)) continue;
      // A reader may take it away meanwhile.
      // oxlint-disable-next-line no-await-in-loop -- a few files
      held += (await stat(join(this.#folder, name)).catch(() => undefined))?.size ?? 0;
      if (name !== active) closed += 1;
    }
    if (held <= this.#keepBytes || closed === 0) return;
    throw new Fault('STORE_FULL', 'the folder holds keepBytes: take closed files away');
  }
}

function inName(id: string): string {
  return id.replaceAll('/', '-');
}

/** @throws what is no answer: a name that may be there is not free. */
async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}

/** Every line begins with the id of its event. */
async function firstIdIn(file: FileHandle, length: number): Promise<string> {
  const buffer = Buffer.alloc(Math.min(length, headBytes));
  const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
  const text = buffer.subarray(0, bytesRead).toString('utf8');
  return /^\{"id":"([^"]+)"/.exec(text)?.[1] ?? 'unknown';
}

/** Where the last whole line ends. */
async function endOfLines(file: FileHandle, size: number): Promise<number> {
  const buffer = Buffer.alloc(tailBytes);
  for (let end = size; end > 0;) {
    const from = Math.max(0, end - tailBytes);
    // oxlint-disable-next-line no-await-in-loop -- most often once
    const { bytesRead } = await file.read(buffer, 0, end - from, from);
    const at = buffer.subarray(0, bytesRead).lastIndexOf(0x0a);
    if (at >= 0) return from + at + 1;
    end = from;
  }
  return 0;
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
