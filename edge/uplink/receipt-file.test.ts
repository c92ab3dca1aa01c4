import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { defaultTenant, parseGatewayId, parseSiteId } from '#contracts/ids.ts';
import { receiptText, type Receipt } from '#contracts/uplink.ts';
import { createIdentity, type Identity } from '../identity/identity.ts';
import { isSignedBy, readPublicKey } from '../identity/public-key.ts';
import { knownCommitted } from './known-committed.ts';
import { ReceiptFile } from './receipt-file.ts';
import { MemoryJournal } from './testing/memory-journal.ts';

const address = {
  tenant: defaultTenant,
  site: parseSiteId('hamburg'),
  gateway: parseGatewayId('hh-1'),
};
const log = pino({ level: 'silent' });

let dir = '';
let path = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'hf-receipt-'));
  path = join(dir, 'receipt.json');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const kept = (text: string) => vi.waitFor(() => expect(readFileSync(path, 'utf8')).toBe(text));

describe('the file of the last receipt', () => {
  afterEach(() => void vi.useRealTimers());

  test('is written at once, then at most every five seconds, then with the last word', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const file = new ReceiptFile(path, log);
    expect(file.read()).toBeUndefined();
    file.keep('one');
    await vi.waitUntil(() => new ReceiptFile(path, log).read() === 'one', { interval: 1 });
    file.keep('two');
    file.keep('three');
    vi.advanceTimersByTime(4_999);
    expect(file.read()).toBe('one');
    vi.advanceTimersByTime(1);
    await kept('three');
  });

  test('holds the last word once it is stopped', async () => {
    const file = new ReceiptFile(path, log);
    for (let word = 0; word < 20; word += 1) file.keep(`word ${word}`);
    await file.stop();
    expect(file.read()).toBe('word 19');
  });

  test('that cannot be written is told once and stops nothing', async () => {
    const lines: string[] = [];
    mkdirSync(path);
    const warned = pino({}, { write: (line: string) => void lines.push(line) });
    const file = new ReceiptFile(path, warned);
    file.keep('one');
    file.keep('two');
    await file.stop();
    expect(lines.filter((line) => line.includes('uplink.receipt-not-kept'))).toHaveLength(1);
  });
});

describe('what an earlier process heard of the hub', () => {
  let hub: Identity;
  let journal: MemoryJournal;
  beforeEach(() => {
    hub = createIdentity(join(dir, 'hub')).identity;
    journal = new MemoryJournal(address);
    journal.append(10);
  });

  function known(change: Partial<Receipt> = {}, signer = hub): number {
    const committed = change.committed ?? 7;
    const receipt: Receipt = {
      ...address,
      atMs: 1_700_000_000_000,
      committed,
      credit: 1000,
      epoch: 1,
      headHash: journal.hashAt(committed) ?? 'ab'.repeat(32),
      number: 3,
      secured: 0,
      state: 'open',
      ...change,
    };
    const signature = signer.sign(receiptText(receipt));
    writeFileSync(path, JSON.stringify({ receipt, signature }));
    const key = readPublicKey(hub.signingPublicKey);
    return knownCommitted({ address, journal, receipts: new ReceiptFile(path, log) }, (text, by) =>
      isSignedBy(key, text, by),
    );
  }

  test('is believed with the hub signature and the hash of our own event', () => {
    expect(known()).toBe(7);
    expect(known({ committed: 10 })).toBe(10);
  });

  test('is not believed of another signer, gateway, epoch or history', () => {
    expect(known({}, createIdentity(join(dir, 'stranger')).identity)).toBe(0);
    expect(known({ gateway: 'hh-2' })).toBe(0);
    expect(known({ epoch: 2 })).toBe(0);
    expect(known({ headHash: 'cd'.repeat(32) })).toBe(0);
    // The journal was set back behind what the hub has.
    expect(known({ committed: 11 })).toBe(0);
  });

  test('counts as nothing where the file is torn', () => {
    expect(known()).toBe(7);
    writeFileSync(path, readFileSync(path, 'utf8').slice(0, 40));
    const receipts = new ReceiptFile(path, log);
    expect(knownCommitted({ address, journal, receipts }, () => true)).toBe(0);
  });
});
