import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { destination, pino, type Logger } from 'pino';
import type { GatewayConfig } from './config/gateway-config.ts';
import { Gateway } from './gateway.ts';
import type { ConfigSource } from './live/config-source.ts';
import { liveSettings } from './live/live-settings.ts';
import { openStores } from './stores.ts';

const stopWithinMs = 10_000;

function versionOf(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** Writes to stderr, at once: the last line before an exit is the one that matters. */
export function createLog(level: string): Logger {
  return pino({ level, base: null }, destination({ fd: 2, sync: true }));
}

/** Runs a gateway until it is told to stop; a fault that only a new process can heal ends it. */
export async function runGateway(
  config: GatewayConfig,
  source: ConfigSource,
  log: Logger,
): Promise<void> {
  const fatal = (error: unknown): never => {
    log.fatal({ err: error }, 'gateway.fatal');
    process.exit(1);
  };
  process.on('uncaughtException', fatal);
  process.on('unhandledRejection', fatal);
  // Keys, certificates and data of this process are for its own user, whichever library makes them.
  process.umask(0o077);
  const settings = liveSettings(config);
  const stores = openStores(config, log, fatal);
  const gateway = new Gateway({
    settings,
    source,
    stores,
    version: versionOf(),
    random: Math.random,
    randomBytes,
    log,
    fatal,
  });
  const stop = (signal: string): void => {
    log.info({ signal }, 'gateway.stopping');
    setTimeout(() => fatal(new Error('the orderly stop took too long')), stopWithinMs).unref();
    gateway.stop().then(() => process.exit(0), fatal);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop(signal));
  process.on('SIGHUP', () => void gateway.reload());
  // Half a gateway must not go on running: a supervisor starts a whole one.
  await gateway.start().catch(fatal);
}
