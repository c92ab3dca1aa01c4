import { Aedes } from 'aedes';
import type { PublishPacket } from 'aedes';

type Done = (error?: Error) => void;

/**
 * What a device publishes goes to the intake log and to nobody else: devices cannot talk to each
 * other, and nothing is retained or queued for them.
 */
export class IntakeAedes extends Aedes {
  /** Publishes what the gateway itself has to say: at QoS 0, not retained. */
  tell(topic: string, payload: Uint8Array): void {
    const packet = { topic, payload: Buffer.from(payload), qos: 0, retain: false, dup: false };
    super.publish({ cmd: 'publish', ...packet } as PublishPacket, () => {});
  }

  /** Handlers pass the publishing client; what aedes says of itself (`$SYS`) has none. */
  override publish(packet: PublishPacket, client: unknown, done?: Done): void {
    if (typeof client === 'function') super.publish(packet, client as Done);
    else if (client === null || client === undefined) super.publish(packet, done ?? (() => {}));
    else done?.();
  }
}
