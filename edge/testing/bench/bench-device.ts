import { connect, type MqttClient } from 'mqtt';
import type { MqttUser } from './bench-gateway.ts';

/**
 * A device of a bench: plain MQTT 3.1.1, QoS 1, dialling until the gateway is there and sending
 * again what was not acknowledged.
 */
export class BenchDevice {
  readonly #client: MqttClient;
  readonly #topic: string;

  constructor(port: number, user: MqttUser, retryMs = 1000) {
    this.#topic = user.topic;
    this.#client = connect({
      host: '127.0.0.1',
      port,
      protocol: 'mqtt',
      protocolVersion: 4,
      clientId: user.username,
      username: user.username,
      password: user.password,
      clean: false,
      reconnectPeriod: retryMs,
      keepalive: 20,
    });
    // What went wrong shows as messages that wait; the client dials again by itself.
    this.#client.on('error', () => {});
  }

  async connected(): Promise<void> {
    if (this.#client.connected) return;
    await new Promise<void>((resolve) => this.#client.once('connect', () => resolve()));
  }

  /** Resolves when the gateway has acknowledged. @param channel below the device's own topic. */
  async publish(payload: string, channel = ''): Promise<void> {
    await this.#client.publishAsync(this.#topic + channel, payload, { qos: 1 });
  }

  async stop(): Promise<void> {
    await this.#client.endAsync(true);
  }
}

/** An R700 report of one asset tag (GIAI-96), which is presence and no stock. */
export function tagReport(tag: number, atMs: number): string {
  const epcHex = `3474257BF4${tag.toString(16).toUpperCase().padStart(14, '0')}`;
  return JSON.stringify({
    timestamp: new Date(atMs).toISOString(),
    hostname: 'impinj-14-46-36',
    eventType: 'tagInventory',
    tagInventoryEvent: { epcHex, antennaPort: 1, frequency: 926750, transmitPowerCdbm: 3000 },
  });
}

/** What a Zigbee2MQTT bridge says of a sensor. */
export function climateReport(celsius: number, atMs: number): string {
  return JSON.stringify({
    battery: 97,
    last_seen: new Date(atMs).toISOString(),
    linkquality: 120,
    temperature: celsius,
  });
}
