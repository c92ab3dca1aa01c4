import { join } from 'node:path';
import { expect, test } from 'vitest';
import { proveExport, type ExportedEvent } from '#contracts/testing/prove-export.ts';
import { createIdentity } from '../identity/identity.ts';
import { createBallast } from '../journal/ballast.ts';
import { openJournal } from '../journal/open-journal.ts';
import type { DraftItem } from '../journal/seal.ts';
import { FakeClock, tempDir } from '../testing/test-parts.ts';
import type { CommandOptions } from './command.ts';
import { exportJournalCommand } from './export-commands.ts';

function item(pos: number): DraftItem {
  const payload = { epc: pos.toString(16).toUpperCase(), lastSeenAt: pos, zone: 'dock' };
  const draft = { kind: 'tag.departed', payload, occurredAt: pos, timeQuality: 'arrival' } as const;
  return { pos, index: 0, receivedAtMs: pos, draft };
}

function writeJournal(dataDir: string): void {
  const journal = openJournal({
    dataDir,
    address: { tenant: 'main', site: 'hamburg', gateway: 'gw-1' },
    clock: new FakeClock(),
    randomId: () => 'ab'.repeat(16),
    ballast: createBallast(join(dataDir, 'room'), 4096),
  });
  for (let pos = 1; pos <= 7; pos += 1) {
    journal.commit({ cursor: pos, items: [item(pos)], states: [], quarantined: [] });
  }
  journal.close();
}

async function exported(cwd: string, options: CommandOptions): Promise<ExportedEvent[]> {
  const lines: ExportedEvent[] = [];
  const out = (line: string) => {
    lines.push(JSON.parse(line) as ExportedEvent);
    return Promise.resolve();
  };
  const context = { cwd, out, input: () => Promise.resolve(''), say: () => {} };
  expect(await exportJournalCommand.run(context, options, undefined)).toBe(0);
  return lines;
}

test('a stranger proves an export with SHA-256 and Ed25519, from the start or from a place', async () => {
  const dir = tempDir();
  const { identity, files } = createIdentity(join(dir, 'keys'));
  writeJournal(dir);
  const signed = { data: '.', key: files.signingKeyFile };
  const all = await exported(dir, signed);
  expect(all).toHaveLength(7);
  expect(proveExport(all, identity.signingPublicKey)).toBe(7);
  const rest = await exported(dir, { ...signed, after: '4' });
  expect(rest.map(({ seq }) => seq)).toEqual([5, 6, 7]);
  expect(proveExport(rest, identity.signingPublicKey)).toBe(7);
  expect(rest[0]?.previousHash).toBe(all[3]?.hash);
  // Without the key it chains to its beginning, and nobody vouches for it.
  expect(proveExport(await exported(dir, { data: '.' }), identity.signingPublicKey)).toBe(0);

  const other = createIdentity(join(dir, 'other')).identity.signingPublicKey;
  expect(() => proveExport(all, other)).toThrow('another key');
  const forged = all.with(2, { ...all[2], payload: '{}' } as ExportedEvent);
  expect(() => proveExport(forged, identity.signingPublicKey)).toThrow('event 3 does not chain');
});
