import type { Logger } from 'pino';
import { messageOf } from '#contracts/fault.ts';
import type { BrokerListeners } from './broker-listeners.ts';
import type { Connection } from './connection.ts';
import type { DeviceDoor } from './device-door.ts';
import type { DeviceRates } from './device-rates.ts';
import type { LineFaults } from './line-faults.ts';

export interface UpkeepOptions {
  readonly open: ReadonlySet<Connection>;
  readonly door: DeviceDoor;
  readonly listeners: BrokerListeners;
  readonly rates: DeviceRates;
  readonly lineFaults: LineFaults;
  readonly log: Logger;
}

/** Looks at what changes with time and in files: dates, certificates, and who was slowed down. */
export async function keepUp(options: UpkeepOptions): Promise<void> {
  const { door, lineFaults, listeners, log, open, rates } = options;
  rates.settle();
  lineFaults.settle();
  door.keep('due');
  for (const { access, certificate } of open) {
    if (access !== undefined && certificate !== undefined && access.key.type !== 'password') {
      door.judgeDates(access.device, certificate);
    }
  }
  try {
    await listeners.renew();
  } catch (error) {
    log.error({ reason: messageOf(error) }, 'broker.tls-failed');
  }
  cutUnbelieved(open, listeners);
}

/** A CA that is no longer believed takes along those whom it stands for. */
export function cutUnbelieved(open: Iterable<Connection>, listeners: BrokerListeners): void {
  for (const { access, certificate, socket } of open) {
    if (access?.key.type !== 'common-name' || certificate === undefined) continue;
    if (!listeners.believes(certificate)) socket.destroy();
  }
}

/** Lets go who has said nothing for longer than it promised. */
export function closeSilent(open: Iterable<Connection>, nowMs: number, log: Logger): void {
  for (const connection of open) {
    if (!connection.isSilent(nowMs)) continue;
    log.info({ device: connection.access?.device }, 'broker.keep-alive-missed');
    connection.socket.destroy();
  }
}
