/** SQLite's extended result code of a thrown error; undefined for errors of another origin. */
export function sqliteCodeOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && code.startsWith('SQLITE_') ? code : undefined;
}

/**
 * What a failed commit means. `full`: waiting can help, nothing was written. `busy`: likewise, the
 * file is locked or read-only for now. `broken`: the kernel may have dropped dirty pages, and a
 * second fsync could report success for them, so only a new process may open the file again.
 */
export function commitTrouble(error: unknown): 'full' | 'busy' | 'broken' {
  const code = sqliteCodeOf(error) ?? '';
  if (code.startsWith('SQLITE_FULL')) return 'full';
  if (/^SQLITE_(BUSY|LOCKED|READONLY)/.test(code)) return 'busy';
  return 'broken';
}
