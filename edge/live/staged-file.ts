import { readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { writeFileDurably } from '../journal/durable-file.ts';

/** A file's next content, on disk beside it. */
export interface StagedFile {
  /** Puts it in the file's place, which after a power cut holds the one or the other, whole. */
  commit(): void;
  discard(): void;
}

/**
 * Writes a file's next content beside it, with the mode of the file.
 *
 * @throws what the file system reports: then nobody could keep what is to take effect.
 */
export function stageFile(file: string, text: string): StagedFile {
  if (contentOf(file) === text) return { commit() {}, discard() {} };
  const staged = `${file}.staged`;
  const mode = statSync(file, { throwIfNoEntry: false })?.mode ?? 0o600;
  writeFileDurably(staged, text, mode & 0o777);
  return {
    commit: () => renameSync(staged, file),
    discard: () => rmSync(staged, { force: true }),
  };
}

function contentOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
