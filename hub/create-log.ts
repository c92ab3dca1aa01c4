import { destination, pino, type Logger } from 'pino';

/** Values that no log line may show, wherever in it they stand. */
const redactedPaths = [
  'password',
  '*.password',
  'cookie',
  '*.cookie',
  'authorization',
  '*.authorization',
  '*.headers.cookie',
  '*.headers.authorization',
  '["set-cookie"]',
  '*["set-cookie"]',
  '*.headers["set-cookie"]',
];

/** Writes to stderr, at once: the last line before an exit is the one that matters. */
export function createLog(level: string): Logger {
  const options = { level, base: null, redact: redactedPaths };
  return pino(options, destination({ fd: 2, sync: true }));
}
