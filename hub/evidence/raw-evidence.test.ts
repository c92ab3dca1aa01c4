import { hash, verify, createPublicKey } from 'node:crypto';
import { zstdCompressSync } from 'node:zlib';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { rawEvidence, type RawEvidence } from '#contracts/api/evidence-api.ts';
import { encodeCanonical } from '#contracts/canonical.ts';
import { maxChunkBytes } from '#contracts/evidence-bounds.ts';
import {
  evidenceRequestText,
  signedEvidenceRequest,
  type EvidenceReply,
  type EvidenceRequest,
} from '#contracts/evidence.ts';
import { inclusionProof, leafHash, merkleRoot } from '#contracts/merkle.ts';
import { subjectOf } from '#contracts/subjects.ts';
import { validate } from '#contracts/validate.ts';
import type { HubCore } from '../core.ts';
import { JournalFixture, posted } from '../intake/testing/journal-fixture.ts';
import { NatsServer } from '../intake/testing/nats-server.ts';
import {
  committedOf,
  fingerprint,
  newCore,
  newHubKey,
  quiet,
  openTestStore,
  register,
  until,
} from '../intake/testing/test-hub.ts';
import { rebuildProjections } from '../projections/rebuild.ts';

const sha256 = (bytes: Uint8Array) => hash('sha256', bytes);
const startMs = Date.UTC(2026, 0, 5, 8);
const device = 'reader-1';
/** Of a message that is larger than a chunk, and does not compress. */
const large = Array.from({ length: 12_000 }, (_, index) => sha256(Buffer.from(`${index}`))).join(
  '',
);

function line(pos: number, payload: object): string {
  const body = { channel: 'events', device, payload, qos: 1, type: 'message' };
  return `${encodeCanonical({ body: body as never, pos, receivedAt: startMs + pos * 1000 })}\n`;
}

/** A gateway's half of the evidence lane, made by hand: four leaves of one segment. */
class EvidenceFixture {
  readonly contents = [
    line(1, { text: '{"epc":"30"}' }) + line(2, { base64: '/wD+' }),
    line(3, { text: large }),
    line(4, { text: '"><script>' }),
    line(5, { text: '' }),
  ].map((text) => Buffer.from(text));
  readonly hashes = this.contents.map((content) => leafHash(content, sha256));
  readonly root = merkleRoot(this.hashes, sha256);
  frames = this.contents.map((content) => zstdCompressSync(content));
  readonly asked: EvidenceRequest[] = [];
  cause: Extract<EvidenceReply, { type: 'located' }>['cause'] = 'here';
  leaves = [1, 0];
  /** Answers that a cut link swallows. */
  swallows = 0;

  sealedBy(): { kind: string; payload: never } {
    const payload = {
      bytes: this.contents.reduce((sum, { length }) => sum + length, 0),
      entries: 5,
      firstPos: 1,
      lastPos: 5,
      leaves: 4,
      root: this.root,
      segment: 1,
    };
    return { kind: 'evidence.sealed', payload: payload as never };
  }

  answer(request: EvidenceRequest): { reply: EvidenceReply; bytes?: Uint8Array } {
    this.asked.push(request);
    if (request.type === 'read') {
      const { segment, leaf, offset } = request;
      const frame = this.frames[leaf] ?? Buffer.alloc(0);
      const bytes = frame.subarray(offset, offset + maxChunkBytes);
      const at = { type: 'chunk', v: 1, segment, leaf, offset } as const;
      return { reply: { ...at, frameBytes: frame.length }, bytes };
    }
    const located = { type: 'located', v: 1, cause: this.cause, detail: '', left: 0 } as const;
    const leaves = this.leaves.map((leaf) => {
      const proof = inclusionProof(this.hashes, leaf, sha256);
      if (proof === undefined) throw new Error('no leaf');
      const { leafHash, path, size } = proof;
      const frameBytes = this.frames[leaf]?.length ?? 0;
      return { frameBytes, leaf, leafHash, leaves: size, path: [...path], segment: 1 };
    });
    const reply = { ...located, leaves, prunedAt: null, segment: 1 };
    const bytes = zstdCompressSync(this.contents[1] ?? '');
    return this.cause === 'unsealed' ? { reply: { ...reply, leaves: [] }, bytes } : { reply };
  }
}

let nats: NatsServer;
let hub: Awaited<ReturnType<typeof openTestStore>>;
let core: HubCore;
let gateway: NatsConnection;
let fixture: EvidenceFixture;
let journal: JournalFixture;
const hubKey = newHubKey();

beforeEach(async () => {
  nats = await new NatsServer().start();
  hub = await openTestStore();
  core = newCore(hub.store, nats.url, quiet, hubKey);
  await core.start();
  gateway = await connect({ servers: nats.url });
  fixture = new EvidenceFixture();
  // Events 1 to 3 are caused by entries 1 to 3.
  journal = new JournalFixture('berlin', 'gw-1').add(
    posted('4006381333931', 1),
    posted('4006381333931', 1),
    posted('4006381333931', 1),
  );
});

afterEach(async () => {
  await gateway.close();
  await core.stop();
  await hub.close();
  await nats.stop();
});

/** What the gateway journalled is at the hub. */
async function commit(): Promise<void> {
  await register(core, journal);
  await until(() => core.status().intake === 'consuming');
  const { jetstream } = await import('@nats-io/jetstream');
  await gateway.request(subjectOf(journal.address, 'hello'), journal.hello(), {
    noMux: true,
    reply: `_INBOX_main_berlin_gw-1.${journal.seq}`,
    timeout: 5000,
  });
  const from = (await committedOf(hub.store, 'gw-1')) + 1;
  await jetstream(gateway).publish(
    subjectOf(journal.address, 'up'),
    journal.batch(from, journal.seq),
  );
  await until(async () => (await committedOf(hub.store, 'gw-1')) === journal.seq);
}

/** The gateway is there and answers who signs as its hub. */
async function answering(): Promise<void> {
  const raw = Buffer.from(hubKey.publicKey, 'base64').toString('base64url');
  const key = createPublicKey({ format: 'jwk', key: { crv: 'Ed25519', kty: 'OKP', x: raw } });
  gateway.subscribe(subjectOf(journal.address, 'evidence'), {
    callback: (_error, message) => {
      const read = validate(signedEvidenceRequest, message.json());
      if (!read.ok) throw new Error(read.refusal.message);
      const { request, signature } = read.value;
      const text = evidenceRequestText('main/berlin/gw-1', request);
      const isSigned = verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64'));
      expect(isSigned).toBe(true);
      if (fixture.swallows > 0 && request.type === 'read' && request.offset > 0) {
        fixture.swallows -= 1;
        return;
      }
      const { reply, bytes = new Uint8Array() } = fixture.answer(request);
      message.respond(Buffer.concat([Buffer.from(`${JSON.stringify(reply)}\n`), bytes]));
    },
  });
  await gateway.flush();
}

async function evidenceOf(seq: number): Promise<RawEvidence> {
  const evidence = await core.queries.rawEvidence({ gateway: 'gw-1', epoch: 1, seq });
  if (evidence === undefined) throw new Error('no such event');
  expect(validate(rawEvidence, evidence).ok).toBe(true);
  return evidence;
}

describe('raw evidence of an event', () => {
  test('is fetched, proved against the root of the chain, and decoded', async () => {
    journal.add(fixture.sealedBy());
    await commit();
    await answering();
    const evidence = await evidenceOf(3);
    expect(evidence).toMatchObject({ state: 'proven', causePos: 3, cached: false });
    expect(evidence.segment).toMatchObject({
      segment: 1,
      root: fixture.root,
      sealedBy: 'gw-1/1/4',
    });
    const [first, binary, cause] = evidence.entries;
    expect(first).toMatchObject({ pos: 1, device, channel: 'events', proven: true, cause: false });
    expect(first?.payloadText).toBe('{"epc":"30"}');
    expect(binary).toMatchObject({ payloadText: null, payloadBase64: '/wD+', bytes: 3 });
    expect(cause).toMatchObject({ pos: 3, cause: true, bytes: large.length });
    expect(evidence.proofs.map(({ leaf }) => leaf)).toEqual([1, 0]);
    // The large leaf came in more than one chunk.
    const offsets = fixture.asked.flatMap((one) => (one.type === 'read' ? [one.offset] : []));
    expect(offsets.filter((offset) => offset > 0).length).toBeGreaterThan(0);
  });

  test('that was proved once is shown again when the gateway is away', async () => {
    journal.add(fixture.sealedBy());
    await commit();
    await answering();
    const first = await evidenceOf(3);
    await gateway.drain();
    const again = await evidenceOf(3);
    expect(again).toMatchObject({ state: 'proven', cached: true });
    expect(again.entries).toEqual(first.entries);
    gateway = await connect({ servers: nats.url });
  });

  test('is refused when one byte was changed at the gateway, and nothing of it is shown', async () => {
    journal.add(fixture.sealedBy());
    await commit();
    await answering();
    const forged = Buffer.from(fixture.contents[1] ?? '');
    forged[forged.length - 40] = 0x39;
    fixture.frames[1] = zstdCompressSync(forged);
    const evidence = await evidenceOf(3);
    expect(evidence).toMatchObject({ state: 'refuted', cached: false });
    expect(evidence.entries.some(({ cause }) => cause)).toBe(false);
    expect((await evidenceOf(3)).cached).toBe(false);
  });

  test('is not read again when the link was cut between two chunks: it goes on', async () => {
    journal.add(fixture.sealedBy());
    await commit();
    await answering();
    fixture.leaves = [1];
    fixture.swallows = 1;
    expect((await evidenceOf(3)).state).toBe('proven');
    const firsts = fixture.asked.filter((one) => one.type === 'read' && one.offset === 0);
    expect(firsts).toHaveLength(1);
  }, 30_000);

  test('says that the gateway is away', async () => {
    journal.add(fixture.sealedBy());
    await commit();
    const evidence = await evidenceOf(3);
    expect(evidence.state).toBe('away');
    expect(evidence.detail).toContain(fixture.root);
    expect(evidence.fetchedAt).toBeNull();
  });

  test('that is not sealed yet is shown without proof, and marked so', async () => {
    await commit();
    await answering();
    fixture.cause = 'unsealed';
    const evidence = await evidenceOf(3);
    expect(evidence).toMatchObject({ state: 'unproven', segment: null, proofs: [] });
    expect(evidence.entries).toHaveLength(1);
    expect(evidence.entries[0]).toMatchObject({ pos: 3, proven: false, cause: true });
  });

  test('whose seal did not come through yet is not called proven', async () => {
    await commit();
    await answering();
    expect((await evidenceOf(3)).state).toBe('unproven');
  });

  test('that was pruned names when, and the root that remains', async () => {
    const payload = { freedBytes: 9, keptLeaves: 0, pinned: false, root: fixture.root, segment: 1 };
    journal.add(fixture.sealedBy(), { kind: 'evidence.pruned', payload, occurredAt: startMs });
    await commit();
    await answering();
    const evidence = await evidenceOf(3);
    expect(evidence.state).toBe('pruned');
    expect(evidence.detail).toBe(`pruned on 2026-01-05T08:00:00.000Z, root ${fixture.root}`);
    expect(evidence.segment).toMatchObject({ prunedAt: startMs, prunedBy: 'gw-1/1/5' });
    // What the chain says needs no gateway.
    expect(fixture.asked).toEqual([]);
  });

  test('that was given up before it was sealed is called lost', async () => {
    const payload = { firstPos: 1, lastPos: 9, reason: 'intake-budget' };
    journal.add({ kind: 'evidence.lost', payload });
    await commit();
    const evidence = await evidenceOf(3);
    expect(evidence.state).toBe('lost');
    expect(evidence.detail).toContain('entries 1 to 9');
  });

  test('a second root for a segment changes nothing', async () => {
    const other = { ...(fixture.sealedBy().payload as object), root: 'ab'.repeat(32) };
    journal.add(fixture.sealedBy(), { kind: 'evidence.sealed', payload: other });
    await commit();
    await answering();
    expect((await evidenceOf(3)).state).toBe('proven');
  });

  test('of an event that the hub does not hold is nothing', async () => {
    const none = await core.queries.rawEvidence({ gateway: 'gw-1', epoch: 1, seq: 99 });
    expect(none).toBeUndefined();
  });

  test('roots are the same after the projections were made anew', async () => {
    const payload = { freedBytes: 9, keptLeaves: 2, pinned: false, root: fixture.root, segment: 1 };
    const gap = { firstPos: 6, lastPos: 9, reason: 'intake-budget' };
    journal.add(fixture.sealedBy(), { kind: 'evidence.pruned', payload });
    journal.add({ kind: 'evidence.lost', payload: gap });
    await commit();
    const tables = ['evidence_segment', 'evidence_gap'] as const;
    const before = await fingerprint(hub.store, tables);
    await rebuildProjections(hub.store);
    expect(await fingerprint(hub.store, tables)).toBe(before);
  });
});
