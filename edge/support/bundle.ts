import { arch, cpus, freemem, platform, release, totalmem, uptime } from 'node:os';
import process from 'node:process';
import { gzipSync } from 'node:zlib';
import { redactConfig, scrub, secretsOf } from './redact.ts';
import { databaseFacts, journalFacts } from './store-facts.ts';
import { tarOf } from './tar.ts';

export interface BundleSource {
  /** As it is in force, with absolute paths. */
  readonly config: { readonly dataDir: string };
  readonly version: string;
  readonly nowMs: number;
  /** What the running gateway answers, by name of the file it goes to. */
  readonly answers: Readonly<Record<string, string>>;
  /** The last lines of the log, where there is one. */
  readonly log: string | undefined;
}

const folder = 'holdfast-support';
const quarantined = 200;

/**
 * What somebody needs to help: a gzipped tar archive. No content of any file that the config names
 * gets in, nor what devices sent.
 */
export function supportBundle({ config, version, nowMs, answers, log }: BundleSource): Buffer {
  const secrets = secretsOf(config);
  const machine = {
    at: new Date(nowMs).toISOString(),
    version,
    node: process.versions.node,
    platform: `${platform()} ${release()} ${arch()}`,
    cpus: cpus().length,
    memoryBytes: { total: totalmem(), free: freemem() },
    uptimeS: Math.floor(uptime()),
  };
  const texts: Record<string, string> = {
    'machine.json': json(machine),
    'config.json': json(redactConfig(config)),
    'databases.json': json(databaseFacts(config.dataDir)),
    'journal.json': json(journalFacts(config.dataDir, quarantined)),
    ...answers,
    ...(log !== undefined && { 'log.txt': log }),
  };
  const files = Object.entries(texts).map(([name, text]) => ({
    name: `${folder}/${name}`,
    bytes: Buffer.from(scrub(text, secrets)),
  }));
  return gzipSync(tarOf(files, nowMs));
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
