import { statSync } from 'node:fs';
import { open, readdir, rename, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault, messageOf } from '#contracts/fault.ts';
import type { FeedEvent } from './feed-event.ts';
import type { FeedSink } from './feed-sink.ts';

export interface FileSinkOptions {
  readonly folder: string;
  readonly rotateBytes?: number | undefined;
  readonly keepBytes?: number | undefined;
}

const active = 'events.ndjson';
const closedName = /^events-.*\.ndjson$/;
const defaultRotateBytes = 16 * 2 ** 20;
const defaultKeepBytes = 2 ** 30;
const tailBytes = 65_536;

/**
 * Appends events to `events.ndjson`, a line each, and syncs it before it says that they are there.
 * A file that is long enough is closed as `events-<last id>.ndjson`: then it changes no more and is
 * the reader's to take away. The folder holds `keepBytes` at most.
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

  constructor({ folder, rotateBytes, keepBytes }: FileSinkOptions) {
    this.#folder = folder;
    this.#rotateBytes = rotateBytes ?? defaultRotateBytes;
    this.#keepBytes = keepBytes ?? defaultKeepBytes;
  }

  async deliver(events: readonly FeedEvent[]): Promise<void> {
    const last = events.at(-1);
    if (last === undefined) return;
    try {
      const bytes = Buffer.from(events.map(({ text }) => `${text}\n`).join(''), 'utf8');
      await this.#checkRoom(bytes.length);
      const file = (this.#file ??= await this.#open());
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

  async #rotate(file: FileHandle, { id }: FeedEvent): Promise<void> {
    this.#file = undefined;
    await file.close();
    const name = `events-${id.replaceAll('/', '-')}.ndjson`;
    await rename(join(this.#folder, active), join(this.#folder, name));
    await syncFolder(this.#folder);
  }

  async #checkRoom(bytes: number): Promise<void> {
    let held = bytes;
    for (const name of await readdir(this.#folder)) {
      if (name !== active && !closedName.test(name)) continue;
      // A reader may take it away meanwhile.
      // oxlint-disable-next-line no-await-in-loop -- a few files
      held += (await stat(join(this.#folder, name)).catch(() => undefined))?.size ?? 0;
    }
    if (held <= this.#keepBytes) return;
    throw new Fault('STORE_FULL', 'the folder holds keepBytes: take closed files away');
  }
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
