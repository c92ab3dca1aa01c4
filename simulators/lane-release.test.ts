import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { parseDocument } from 'yaml';
import { freePort } from '#contracts/testing/free-port.ts';
import { answersTcp } from './stack/probe.ts';
import { cliPath, runTool } from './stack/run-tool.ts';
import { SupervisedProcess } from './stack/supervised-process.ts';
import { eventually, startInstallation, type Installation } from './testing/installation.ts';

const { natsServer } = inject('programs');
const sections = 'zones: [{ id: storage, status: available }]\ndevices: []\n';

let site: Installation;
const hubConfig = () => ({ config: join(site.hubDir, 'hub.yaml') });

async function uplinkIs(state: string): Promise<void> {
  await eventually(async () => (await site.api.status())?.uplink === state || undefined);
}

async function lane(): Promise<Record<string, unknown>> {
  const options = { ...hubConfig(), id: 'lyon-1' };
  const printed = await runTool({ part: 'hub', command: 'gateway lane', options });
  return JSON.parse(printed) as Record<string, unknown>;
}

/** The same box a second time, on other ports. */
async function startClone(): Promise<SupervisedProcess> {
  const dir = join(site.hubDir, '..', 'clone');
  cpSync(site.gatewayDir, dir, { recursive: true });
  const config = join(dir, 'gateway.yaml');
  const document = parseDocument(readFileSync(config, 'utf8'));
  const http = await freePort();
  document.setIn(['mqtt', 'port'], await freePort());
  document.setIn(['http', 'port'], http);
  writeFileSync(config, document.toString());
  return new SupervisedProcess({
    name: 'clone',
    command: process.execPath,
    args: [cliPath('edge'), '--config', config],
    logFile: join(dir, 'clone.log'),
    // It may be halted, and thus not well, before anybody asked it for the first time.
    ready: () => answersTcp(http),
  });
}

describe.skipIf(natsServer === '')('a lane that a clone halted (needs nats-server)', () => {
  beforeAll(async () => {
    site = await startInstallation(sections);
    await uplinkIs('live');
  }, 120_000);
  afterAll(async () => {
    await site.stop();
  });

  test('has a gateway whose data folder holds what the manual names, and nothing else', async () => {
    const manual = readFileSync(new URL('../docs/operations.md', import.meta.url), 'utf8');
    const [, section = ''] = manual.split('## Files and their safety');
    const named = [...section.matchAll(/`([a-z-]+(?:\.[a-z]+|\/)?)`/g)].map(([, name]) => name);
    const there = await eventually(async () => {
      const found = readdirSync(join(site.gatewayDir, 'data'), { withFileTypes: true });
      const names = found.map((one) => (one.isDirectory() ? `${one.name}/` : one.name));
      return await Promise.resolve(names.includes('receipt.json') ? names : undefined);
    });
    const files = there.map((name) => name.replace(/-(?:wal|shm|journal)$|\.new$/, ''));
    expect(named).toEqual(expect.arrayContaining(files));
    expect(files).toEqual(expect.arrayContaining(['intake.db', 'journal.db', 'epoch.json']));
  });

  test('is released by a person once the clone is gone, and its gateway goes on by itself', async () => {
    await site.gatewayProcess.stop();
    const clone = await startClone();
    await site.gatewayProcess.start();
    await uplinkIs('live');
    const { committed } = await lane();
    await site.gatewayProcess.stop();
    await clone.start();
    const halted = await eventually(async () => {
      const one = await lane();
      return one['state'] === 'halted' ? one : undefined;
    });
    expect(halted).toMatchObject({ reason: expect.stringContaining('another history') as unknown });
    expect(await site.hub.get('/health')).toMatchObject({
      lanes: 'halted',
      halted: [{ site: 'lyon', gateway: 'lyon-1', state: 'halted' }],
    });
    await clone.stop();
    // It is well, and its start done, once the lane is open again.
    const started = site.gatewayProcess.start();
    await uplinkIs('halted');
    const decided = { ...hubConfig(), id: 'lyon-1', by: 'eng-7', reason: 'the clone is scrapped' };
    await runTool({ part: 'hub', command: 'gateway release', options: decided });
    await uplinkIs('live');
    await started;
    expect(await site.hub.get('/health')).toMatchObject({ lanes: 'ok', halted: [] });
    const after = await lane();
    expect(after).toMatchObject({ state: 'open', releases: [{ by: 'eng-7' }] });
    expect(Number(after['committed'])).toBeGreaterThan(Number(committed));
    const data = join(site.gatewayDir, 'data');
    const verified = await runTool({ part: 'edge', command: 'journal verify', options: { data } });
    expect(JSON.parse(verified)).toMatchObject({ chain: 'ok', epoch: 1 });
  }, 120_000);
});
