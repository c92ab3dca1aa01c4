import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from '@nats-io/transport-node';
import { afterEach, beforeEach, describe, expect, inject, onTestFinished, test } from 'vitest';
import { encodeCanonical } from '#contracts/canonical.ts';
import {
  evidenceReply,
  evidenceRequestText,
  type EvidenceReply,
  type EvidenceRequest,
} from '#contracts/evidence.ts';
import { defaultTenant, parseGatewayId, parseSiteId } from '#contracts/ids.ts';
import { subjectOf, type GatewayAddress } from '#contracts/subjects.ts';
import { validate } from '#contracts/validate.ts';
import { createIdentity, type Identity } from '../identity/identity.ts';
import type { IntakeLog } from '../intake/intake-log.ts';
import { openIntakeLog } from '../intake/open-intake-log.ts';
import { createBallast } from '../journal/ballast.ts';
import type { Journal } from '../journal/journal.ts';
import { openJournal } from '../journal/open-journal.ts';
import { readJournal } from '../journal/read-journal.ts';
import { StandingObserver } from '../observe/standing-observer.ts';
import { Pipeline } from '../pipeline.ts';
import { createTestLog, FakeClock, tempDir, until } from '../testing/test-parts.ts';
import { dialHub } from '../uplink/hub-connection.ts';
import { createNatsProcess } from '../uplink/testing/nats-process.ts';
import { createEvidence, type Evidence, type EvidenceOptions } from './evidence.ts';
import { unpackLeaf } from './segment-file.ts';
import { positionsIn } from './prune-segment.ts';
import { reading, smallLimits } from './testing/evidence-site.ts';

const { natsServer } = inject('programs');

const address: GatewayAddress = {
  tenant: defaultTenant,
  site: parseSiteId('test'),
  gateway: parseGatewayId('gw-1'),
};
const intakeBudgetBytes = 1_048_576;

/** A gateway without devices: intake log, pipeline, journal and the keeper's thread. */
interface Running {
  readonly dataDir: string;
  readonly clock: FakeClock;
  readonly intake: IntakeLog;
  readonly journal: Journal;
  readonly evidence: Evidence;
  readonly said: { msg: string }[];
  stop(): Promise<void>;
}

let hub: Identity;
let stops: (() => Promise<void>)[] = [];
beforeEach(() => {
  const dir = join(tempDir(), 'hub');
  hub = createIdentity(dir).identity;
});
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

function run(dataDir = join(tempDir(), 'data'), changes: Partial<EvidenceOptions> = {}): Running {
  mkdirSync(dataDir, { recursive: true });
  const clock = new FakeClock();
  const { log, said } = createTestLog();
  const fatal = (error: unknown) => {
    throw error;
  };
  const path = join(dataDir, 'intake.db');
  const room = { budgetBytes: intakeBudgetBytes, floorBytes: 0, freeBytes: () => 2 ** 40 };
  const intake = openIntakeLog({ path, ...room, clock, log, fatal });
  const { tenant, site, gateway } = address;
  const ballast = createBallast(join(dataDir, 'reserved-room'), 1_048_576);
  const randomId = () => 'ab'.repeat(16);
  const journal = openJournal({
    dataDir,
    address: { tenant, site, gateway },
    clock,
    randomId,
    ballast,
  });
  const observer = new StandingObserver(journal.takeStates());
  const pipeline = new Pipeline({ intake, journal, observer, log, fatal, lingerMs: 1 });
  const evidence = createEvidence({
    address,
    hubPublicKey: hub.signingPublicKey,
    dataDir,
    budgetBytes: 2 ** 30,
    pinDays: 1,
    intakeBudgetBytes,
    floorBytes: 0,
    intake,
    cursor: () => journal.cursor(),
    clock,
    log,
    fatal,
    limits: smallLimits,
    ...changes,
  });
  evidence.start();
  pipeline.start();
  let stopped = false;
  const stop = async () => {
    if (stopped) return;
    stopped = true;
    await pipeline.stop();
    await evidence.stop();
    intake.close();
    journal.close();
  };
  stops.push(stop);
  return { dataDir, clock, intake, journal, evidence, said, stop };
}

async function send(to: Running, count: number, bytes = 20): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    to.clock.advance(10);
    to.intake.append(reading('reader-1', `${index}`.padEnd(bytes, 'x')), to.clock.nowMs());
    // What is appended at once is one row of the log, and only whole rows are trimmed.
    if (index % 10 === 9) await until(() => to.intake.pendingBytes === 0);
  }
  await until(() => to.intake.pendingBytes === 0 && to.journal.cursor() === to.intake.lastPos);
}

function sealed(dataDir: string): number {
  return [...readJournal(dataDir)].filter(({ header }) => header.includes('evidence.sealed'))
    .length;
}

function signed(request: EvidenceRequest, by = hub, to = 'main/test/gw-1'): Uint8Array {
  const signature = by.sign(evidenceRequestText(to, request));
  return Buffer.from(encodeCanonical({ request, signature }));
}

function readReply(data: Uint8Array): { reply: EvidenceReply; bytes: Buffer } {
  const buffer = Buffer.from(data);
  const end = buffer.indexOf(0x0a);
  const reply = validate(evidenceReply, JSON.parse(buffer.toString('utf8', 0, end)));
  if (!reply.ok) throw new Error(reply.refusal.message);
  return { reply: reply.value, bytes: buffer.subarray(end + 1) };
}

const atPos = (pos: number): EvidenceRequest => ({
  type: 'locate',
  v: 1,
  window: { device: 'reader-1', fromMs: 0, pos, toMs: 2_000_000_000_000 },
});

describe('the keeper of a running gateway', () => {
  test('seals beside it, and what it sealed is in the journal', async () => {
    const gateway = run();
    await send(gateway, 250);
    await until(() => sealed(gateway.dataDir) === 2);
    expect(gateway.evidence.status()).toMatchObject({ files: 2, coveredPos: 200 });
  });

  test('a notice that a crash kept from the journal is said by the next', async () => {
    const gateway = run();
    // An intake log that forgets: as a crash between segment and entry.
    const forgetting = { append: () => true, keepAfter: () => {}, keptBytes: 0 };
    const lost = run(join(tempDir(), 'data'), { intake: forgetting });
    for (const one of [gateway, lost]) await send(one, 150);
    await until(() => lost.evidence.status()?.files === 1);
    expect(sealed(lost.dataDir)).toBe(0);
    await lost.stop();
    const again = run(lost.dataDir);
    await until(() => sealed(again.dataDir) === 1);
  });

  test('the intake log is trimmed only of what is sealed', async () => {
    const limits = { ...smallLimits, segmentEntries: 400, segmentBytes: 2 ** 40 };
    const gateway = run(undefined, { limits, intakeBudgetBytes: 2 ** 40 });
    await send(gateway, 399, 4000);
    // Over the budget, and nothing is sealed yet.
    expect(gateway.intake.keptBytes).toBeGreaterThan(intakeBudgetBytes * 1.4);
    expect(gateway.intake.readFrom(1, 1)[0]?.pos).toBe(1);
    await send(gateway, 20, 4000);
    await until(() => gateway.evidence.status()?.coveredPos === 400);
    await send(gateway, 20, 4000);
    await until(() => gateway.intake.keptBytes <= intakeBudgetBytes * 1.1);
  });

  test('what cannot be sealed in time is given up, loudly, before it fills the disk', async () => {
    const limits = { ...smallLimits, segmentEntries: 1_000_000, segmentBytes: 2 ** 40 };
    const gateway = run(undefined, { limits });
    await send(gateway, 700, 4000);
    await until(() => [...readJournal(gateway.dataDir)].some(isLost));
    expect(gateway.said.map(({ msg }) => msg)).toContain('evidence.given-up');
    await until(async () => {
      await send(gateway, 1);
      return gateway.intake.keptBytes <= intakeBudgetBytes * 1.1;
    });
  });

  test('only the hub is answered, and only for this gateway', async () => {
    const gateway = run();
    await send(gateway, 150);
    await until(() => gateway.evidence.status()?.files === 1);
    const stranger = createIdentity(join(tempDir(), 'stranger')).identity;
    const refused = [
      signed(atPos(5), stranger),
      signed(atPos(5), hub, 'main/test/gw-2'),
      Buffer.from('no JSON'),
      Buffer.from('{"request":{},"signature":""}'),
      Buffer.alloc(10_000, 0x20),
    ];
    const reasons: string[] = [];
    for (const request of refused) {
      const { reply } = readReply(await gateway.evidence.answer(request));
      reasons.push(reply.type === 'refused' ? reply.reason : reply.type);
    }
    const unreadable = refused.slice(2).map(() => 'unreadable');
    expect(reasons).toEqual(['not-signed', 'not-signed', ...unreadable]);
    const { reply } = readReply(await gateway.evidence.answer(signed(atPos(5))));
    expect(reply).toMatchObject({ type: 'located', cause: 'here', segment: 1 });
  });
});

function isLost({ header }: { readonly header: string }): boolean {
  return header.includes('"kind":"evidence.lost"');
}

describe.skipIf(natsServer === '')('over a real nats-server (needs nats-server)', () => {
  test('the hub reads a leaf of a gateway within the rights of both', async () => {
    const login = createIdentity(join(tempDir(), 'gateway')).identity;
    const gateways = [{ address, nkey: login.publicNkey }];
    const nats = await createNatsProcess(hub.publicNkey, gateways);
    await nats.start();
    onTestFinished(() => nats.end());
    const gateway = run();
    await send(gateway, 150);
    await until(() => gateway.evidence.status()?.files === 1);
    const lane = await dialHub([nats.url], login.authenticator(), address, {
      receipt: () => {},
      refused: (reason) => expect.fail(reason),
      evidence: (data) => gateway.evidence.answer(data),
    });
    const asking = await connect({ servers: nats.url, authenticator: hub.authenticator() });
    const ask = async (request: EvidenceRequest) => {
      const { data } = await asking.request(subjectOf(address, 'evidence'), signed(request));
      return readReply(data);
    };
    const { reply } = await ask(atPos(77));
    if (reply.type !== 'located') throw new Error(reply.type);
    const [leaf] = reply.leaves;
    if (leaf === undefined) throw new Error('no leaf');
    const { segment, leaf: index } = leaf;
    const read = await ask({ type: 'read', v: 1, segment, leaf: index, offset: 0 });
    expect(read.bytes.length).toBe(leaf.frameBytes);
    expect(positionsIn(unpackLeaf(read.bytes))).toContain(77);
    const rest = await ask({ type: 'read', v: 1, segment, leaf: index, offset: 10 });
    expect(rest.bytes.equals(read.bytes.subarray(10))).toBe(true);
    await asking.close();
    await lane.close();
  });
});
