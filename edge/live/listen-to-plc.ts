import { setTimeout as sleep } from 'node:timers/promises';
import type { Canonical } from '#contracts/canonical.ts';
import type { DeviceFault } from '../../devices/device-fault.ts';
import type { Reading } from '../../devices/reading.ts';
import type { DriverLog } from '../../devices/plc/driver-log.ts';
import type { OpcUaSink } from '../../devices/plc/opcua-driver.ts';
import type { DeviceProfile } from '../../devices/profile.ts';
import { profileOf } from '../../devices/registry.ts';
import { systemClock } from '../clock.ts';
import type { DeviceConfig, GatewayConfig } from '../config/gateway-config.ts';
import { plcSettings } from '../config/plc-settings.ts';
import { readSecretFile } from '../identity/secret-file.ts';
import type { Heard } from './device-verdict.ts';

/** One value of a PLC, as it came and as it is read. */
export interface PlcLine {
  readonly channel: string;
  readonly raw: string;
  readonly readings: readonly Reading[];
  readonly trouble: string | null;
}

/** Drivers say to people through their faults; their log is for a running gateway. */
export const silentLog: DriverLog = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
};

/**
 * Calls a PLC with a session of its own, beside that of a running gateway, as its config says, and
 * shows what it samples.
 */
export async function listenToPlc(
  config: GatewayConfig,
  device: DeviceConfig,
  forMs: number,
  show: (line: PlcLine) => Promise<void>,
): Promise<Heard> {
  const settings = plcSettings(config, device, (file) =>
    readSecretFile(file, `the OPC UA password of ${device.id}`).trim(),
  );
  const profile = profileOf(device.profile);
  if (settings === undefined || profile === undefined) throw new TypeError('no OPC UA device');
  const { createOpcUaDriver } = await import('../../devices/plc/opcua-driver.ts');
  const ear = new PlcEar(profile, show);
  const driver = createOpcUaDriver({ ...settings, clock: systemClock, log: silentLog }, ear);
  await driver.start();
  await sleep(forMs);
  await driver.stop();
  return await ear.heard();
}

class PlcEar implements OpcUaSink {
  readonly #profile: DeviceProfile;
  readonly #show: (line: PlcLine) => Promise<void>;
  readonly #unread: { channel: string; reason: string; detail: string }[] = [];
  #state: Canonical;
  #faults: readonly DeviceFault[] = [];
  #messages = 0;
  #readings = 0;
  #shown: Promise<void> = Promise.resolve();

  constructor(profile: DeviceProfile, show: (line: PlcLine) => Promise<void>) {
    this.#profile = profile;
    this.#show = show;
    this.#state = profile.initialState;
  }

  sample(channel: string, payload: Uint8Array): boolean {
    const message = { channel, payload, receivedAtMs: systemClock.nowMs() };
    const { decoded, state } = this.#profile.decode(this.#state, message);
    this.#state = state;
    this.#messages += 1;
    const readings = decoded.ok ? decoded.readings : [];
    this.#readings += readings.length;
    const trouble = decoded.ok ? decoded.partly : decoded;
    if (trouble !== undefined) {
      const { detail, reason } = trouble;
      this.#unread.push({ channel, reason, detail });
    }
    const line = {
      channel,
      raw: Buffer.from(payload).toString('utf8').slice(0, 400),
      readings,
      trouble: trouble === undefined ? null : `${trouble.reason}: ${trouble.detail}`,
    };
    this.#shown = this.#shown.then(() => this.#show(line));
    return true;
  }

  gap(): void {}
  serverStarted(): void {}

  connection(): void {}

  faults(faults: readonly DeviceFault[]): void {
    this.#faults = faults;
  }

  async heard(): Promise<Heard> {
    await this.#shown;
    return {
      messages: this.#messages,
      readings: this.#readings,
      unread: this.#unread,
      refusals: [],
      faults: this.#faults,
    };
  }
}
