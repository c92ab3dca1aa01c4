import { readFileSync, statSync } from 'node:fs';
import { messageOf, refuse, succeed, type Result } from '#contracts/fault.ts';

/** Far more than 100,000 items need. */
const mostBytes = 64 * 2 ** 20;

/**
 * The text of a config file.
 *
 * @returns refusal CONFIG_INVALID for what is no text, in words that can be shown anywhere.
 */
export function readConfigFile(file: string): Result<string> {
  const no = (message: string) => refuse('CONFIG_INVALID', message);
  try {
    const stat = statSync(file);
    if (stat.isDirectory()) return no('is a folder, not a file');
    if (!stat.isFile()) return no('is no plain file');
    if (stat.size > mostBytes) return no(`is larger than ${mostBytes} bytes`);
    const bytes = readFileSync(file);
    // UTF-16, as some editors write it, has such bytes too.
    if (bytes.includes(0)) return no('is no text in UTF-8: it has zero bytes');
    return succeed(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    if (error instanceof TypeError) return no('is no text in UTF-8');
    if (codeOf(error) === 'ENOENT') return no('is not there');
    if (codeOf(error) === 'EACCES') return no('must not be read by this user');
    return no(messageOf(error));
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
