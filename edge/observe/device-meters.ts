import type { Reading } from '../../devices/reading.ts';
import { DeviceMeter } from './device-meter.ts';

/** The meters of all devices, each made when its device is first heard. Not part of any state. */
export class DeviceMeters {
  readonly #meters = new Map<string, DeviceMeter>();

  get(device: string): DeviceMeter | undefined {
    return this.#meters.get(device);
  }

  of(device: string): DeviceMeter {
    let meter = this.#meters.get(device);
    if (meter === undefined) {
      meter = new DeviceMeter();
      this.#meters.set(device, meter);
    }
    return meter;
  }
}

export function readsOf(reading: Reading): number {
  return reading.type === 'tag' ? reading.reads : 1;
}
