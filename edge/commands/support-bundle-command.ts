import { closeSync, fstatSync, openSync, readFileSync, readSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Fault, messageOf } from '#contracts/fault.ts';
import { profileOf } from '../../devices/registry.ts';
import { systemClock } from '../clock.ts';
import { gatewayClient, type GatewayClient } from '../live/gateway-client.ts';
import { supportBundle } from '../support/bundle.ts';
import type { Command } from './command.ts';
import { optionOf } from './option-of.ts';
import { ownConfig } from './own-config.ts';

/** Of a log, as much as its last hours are. */
const logBytes = 1_048_576;

export const supportBundleCommand: Command = {
  name: 'support-bundle',
  options: {
    config: { value: 'FILE', required: true },
    out: { value: 'FILE', required: true },
    log: { value: 'LOGFILE' },
  },
  summary:
    'pack what somebody needs to help into FILE (tar.gz): versions, config without secrets, health, ' +
    'metrics, numbers of rows, head of the journal, what was quarantined without its content, the ' +
    'end of LOGFILE',
  async run(context, options) {
    const file = resolve(context.cwd, optionOf(options, 'config'));
    const out = resolve(context.cwd, optionOf(options, 'out'));
    const config = ownConfig(context, file);
    const log = options['log'];
    const bytes = supportBundle({
      config,
      version: versionOf(),
      nowMs: systemClock.nowMs(),
      answers: await answersOf(() => gatewayClient(config, file, profileOf)),
      log: log === undefined ? undefined : endOf(resolve(context.cwd, log)),
    });
    try {
      writeFileSync(out, bytes, { flag: 'wx', mode: 0o600 });
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
      throw new Fault('CONFLICT', `${out} exists already and is kept`, { cause });
    }
    await context.out(JSON.stringify({ bundle: out, bytes: bytes.length }));
    context.say(
      'Secrets are left out. Look through it before you pass it on: tar -xzf, all is text.',
    );
    return 0;
  },
};

/** A gateway that is down, or not well, is what such bundles are for. */
async function answersOf(open: () => GatewayClient): Promise<Record<string, string>> {
  const answers: Record<string, string> = {};
  for (const [name, path] of [
    ['health.json', '/health'],
    ['metrics.txt', '/metrics'],
    ['devices.json', '/devices'],
  ] as const) {
    try {
      answers[name] = await (await open().ask('GET', path)).text();
    } catch (error) {
      const details = error instanceof Fault ? error.details : undefined;
      answers[name] = `${JSON.stringify({ failed: messageOf(error), ...details })}\n`;
    }
  }
  return answers;
}

function endOf(path: string): string {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const bytes = Buffer.alloc(Math.min(size, logBytes));
    const read = readSync(file, bytes, 0, bytes.length, size - bytes.length);
    const text = bytes.subarray(0, read).toString('utf8');
    // The first line may be cut, and half a secret would not be known as one.
    return size > logBytes ? text.slice(text.indexOf('\n') + 1) : text;
  } finally {
    closeSync(file);
  }
}

function versionOf(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
