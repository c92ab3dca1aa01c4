import type { Logger } from 'pino';
import type { FloorAct, Lease } from '#contracts/acts.ts';
import type { GatewayAddress } from '#contracts/subjects.ts';
import { createTrustedClock } from '../../edge/clock.ts';
import type { SiteConfigText } from '../../edge/config/site-config.ts';
import { appendBoot } from '../../edge/intake/append-boot.ts';
import { resumeIntakeLog, type IntakeLog } from '../../edge/intake/intake-log.ts';
import { createTicker } from '../../edge/intake/ticker.ts';
import { createJournal, type Journal } from '../../edge/journal/journal.ts';
import { openEpoch } from '../../edge/journal/open-epoch.ts';
import { StandingObserver } from '../../edge/observe/standing-observer.ts';
import { Pipeline, type EntryOutcome } from '../../edge/pipeline.ts';
import { createUplink, type Uplink } from '../../edge/uplink/uplink.ts';
import type { Random } from '../prng.ts';
import { fakeDial } from './fake-connection.ts';
import type { MountedDisk } from './fake-disk.ts';
import { fakeEpochNote, type OpenStores } from './fake-gateway-stores.ts';
import type { FakeNats } from './fake-nats.ts';
import { fakeKeyId, fakePublicKey, fakeSignature } from './fake-signatures.ts';
import type { Link } from './fake-wire.ts';
import type { MachineTime } from './virtual-time.ts';

export interface GatewayParts {
  readonly address: GatewayAddress;
  readonly site: SiteConfigText;
  readonly hubPublicKey: string;
  readonly disk: MountedDisk;
  readonly openStores: OpenStores;
  readonly time: MachineTime;
  readonly link: Link;
  readonly nats: FakeNats;
  readonly random: Random;
  readonly log: Logger;
  /** Only a new process may go on. */
  readonly fatal: (error: unknown) => void;
}

const mebibyte = 1_048_576;
const healthyBytes = 1024 * mebibyte;

/** The gateway's process between two starts: production code on a fake disk and a fake network. */
export class GatewayProcess {
  readonly intake: IntakeLog;
  readonly journal: Journal;
  readonly pipeline: Pipeline;
  readonly uplink: Uplink;
  readonly #parts: GatewayParts;

  /** @throws Fault as the stores do, when they are opened. */
  constructor(parts: GatewayParts) {
    this.#parts = parts;
    const { address, disk, fatal, log, random, site, time } = parts;
    const clock = createTrustedClock(time);
    const timers = time;
    const stores = parts.openStores(disk, address.gateway);
    this.intake = resumeIntakeLog(
      {
        budgetBytes: 64 * mebibyte,
        floorBytes: mebibyte,
        freeBytes: () => (disk.isFull ? 0 : healthyBytes),
        clock,
        timers,
        log,
        fatal,
      },
      stores.intake,
    );
    clock.notBefore(this.intake.lastReceivedAtMs);
    const epoch = openEpoch(stores.journal, fakeEpochNote(disk), {
      address,
      clock,
      randomId: () => randomHex(random),
    });
    this.journal = createJournal(stores.journal, epoch, { release: () => false });
    const observer = new StandingObserver(this.journal.takeStates());
    const { intake, journal } = this;
    this.pipeline = new Pipeline({ intake, journal, observer, timers, log, fatal });
    const key = fakePublicKey(address.gateway);
    this.uplink = createUplink({
      address,
      isSignedByHub: (text, signature) => signature === fakeSignature(parts.hubPublicKey, text),
      identity: { keyId: fakeKeyId(key), sign: (text) => fakeSignature(key, text) },
      dial: fakeDial(parts),
      // The encoder uses its memory again.
      pack: (bytes) => Buffer.from(bytes),
      journal,
      intake: {
        uplinkChanged: (change) => void intake.append({ type: 'uplink', ...change }, clock.nowMs()),
      },
      facts: () => calmFacts,
      clock,
      timers,
      random: () => random.next(),
      log,
    });
    appendBoot({ intake }, site, '0', clock);
    this.pipeline.start();
    createTicker(intake, clock, { timers }).start();
    this.uplink.start();
  }

  /** A message of a device. @param durable is told when it may be acknowledged */
  message(device: string, payload: Uint8Array, durable: () => void): boolean {
    const body = { type: 'message', device, channel: '', qos: 1, payload } as const;
    return this.intake.append(body, this.#parts.time.nowMs(), durable);
  }

  /** A person asks for something. */
  async act(act: FloorAct, lease: Lease): Promise<EntryOutcome> {
    return await this.pipeline.submit({ type: 'act', act, lease }, this.#parts.time.nowMs());
  }
}

const calmFacts = {
  health: {
    intake: 'open',
    intakeBacklog: 0,
    quarantined: 0,
    readsPerMinute: 0,
    roomBytes: 0,
    startedAt: 0,
    version: '0',
  },
  devices: [],
  alerts: [],
} as const;

function randomHex(random: Random): string {
  let text = '';
  while (text.length < 32) text += random.below(16).toString(16);
  return text;
}
