import { Fault, messageOf } from '#contracts/fault.ts';
import type { Clock } from '#contracts/time.ts';
import type { IntakeBroker } from '../intake/broker.ts';
import type { HttpIntake } from '../intake/http-intake.ts';
import type { IntakeLog } from '../intake/intake-log.ts';
import type { OpcUaIntake } from '../intake/opcua-intake.ts';
import type { LiveParts } from './config-applier.ts';
import type { DeviceChanges } from './diff-config.ts';
import type { LiveSettings } from './live-settings.ts';

export interface GatewayParts {
  readonly intake: IntakeLog;
  readonly broker: IntakeBroker;
  readonly posts: HttpIntake;
  readonly opcUa: OpcUaIntake;
  /** Serves the HTTP interface by other settings. @throws where it cannot, serving it as before. */
  readonly moveApi: (from: LiveSettings, to: LiveSettings) => Promise<void>;
  /** Trusted time. */
  readonly clock: Clock;
}

/** What a config change does to the parts of a gateway. */
export function liveParts({
  broker,
  clock,
  intake,
  moveApi,
  opcUa,
  posts,
}: GatewayParts): LiveParts {
  return {
    async listeners({ httpListener, mqttListener }, from, to) {
      if (mqttListener !== 'kept') {
        await listening('mqtt', broker.listenAt(to.config.mqtt));
      }
      try {
        if (httpListener !== 'kept') await listening('http', moveApi(from, to));
      } catch (error) {
        if (mqttListener !== 'kept') await broker.listenAt(from.config.mqtt);
        throw error;
      }
    },
    async append(body) {
      if (intake.hold !== undefined) {
        throw new Fault('UNAVAILABLE', 'the disk has no room: nothing can be made durable now');
      }
      await new Promise<void>((resolve, reject) => {
        if (intake.append(body, clock.nowMs(), () => resolve())) return;
        reject(new Fault('UNAVAILABLE', 'the intake log takes nothing any more'));
      });
    },
    async devices(diff, to) {
      broker.rates.replace(to.limits);
      if (isTouched(diff.http)) posts.replaceDevices(to.http);
      if (isTouched(diff.mqtt)) broker.replaceDevices(to.mqtt);
      if (isTouched(diff.opcua)) await opcUa.replaceDevices(to.opcua);
    },
  };
}

async function listening(section: 'mqtt' | 'http', move: Promise<void>): Promise<void> {
  await move.catch((cause: unknown) => {
    throw new Fault('UNAVAILABLE', `${section} cannot listen there: ${messageOf(cause)}`, {
      cause,
    });
  });
}

function isTouched({ added, changed, removed }: DeviceChanges): boolean {
  return added.length + changed.length + removed.length > 0;
}
