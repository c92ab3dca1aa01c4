import { SparkplugNode, zigbeePayload } from './climate-payload.ts';
import { handheldScanPayload, handheldTagPayload } from './handheld-payload.ts';
import { impinjInputPayload, impinjPayload } from './impinj-payload.ts';
import { chirpStack3Uplink, chirpStack4Uplink, milesightUplink } from './lorawan-payload.ts';
import type { OutgoingMessage } from '../mqtt-device.ts';
import { ruuviPayloads } from './ruuvi-payload.ts';
import { proGlovePayload, scannerPayload } from './scanner-payload.ts';
import { tasmotaTelemetry } from './tasmota-payload.ts';
import type { ClimateEmission, Emission } from '../world/emission.ts';
import type { ClimateLayout, ReaderLayout, ScannerLayout } from '../world/site-layout.ts';
import { zebraInputPayload, zebraPayload } from './zebra-payload.ts';

/** A message of a device; `codes` are the texts of the barcodes in it. */
export interface SpokenMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly codes?: readonly string[];
}

/** How a device says what the world emits, in vendor bytes. */
export interface Speech {
  say(emission: Emission): readonly SpokenMessage[];
  /** What the broker says for the device when it is gone; asked before each connection. */
  readonly will?: () => OutgoingMessage;
  /** What the device says first on each connection. */
  readonly greeting?: () => readonly OutgoingMessage[];
}

/** @param baseMs wall time at which the world's time was zero. */
export function readerSpeech({ profile, topic }: ReaderLayout, baseMs: number): Speech {
  let eventNum = 1;
  const numbered = (count: number) => {
    eventNum += count;
    return eventNum - count;
  };
  return {
    say(emission) {
      const isImpinj = profile === 'impinj-r700';
      switch (emission.type) {
        case 'tags': {
          if (isImpinj) {
            return [{ topic: `${topic}/events`, payload: impinjPayload(emission, baseMs) }];
          }
          const payloadOf = profile === 'zebra-rfd' ? handheldTagPayload : zebraPayload;
          const payload = payloadOf(emission, baseMs, numbered(emission.reads.length));
          return [{ topic: `${topic}/data`, payload }];
        }
        case 'input': {
          const payloadOf = isImpinj ? impinjInputPayload : zebraInputPayload;
          const channel = isImpinj ? 'events' : 'mevents';
          return [{ topic: `${topic}/${channel}`, payload: payloadOf(emission, baseMs) }];
        }
        case 'scans':
          return [{ topic: `${topic}/data`, ...handheldScanPayload(emission, baseMs) }];
        default:
          return [];
      }
    },
  };
}

export function scannerSpeech({ profile, topic }: ScannerLayout, baseMs: number): Speech {
  return {
    say(emission) {
      if (emission.type !== 'scans') return [];
      const isProGlove = profile === 'mqtt-scanner' && emission.number % 3 === 0;
      const payloadOf = isProGlove ? proGlovePayload : scannerPayload;
      return [{ topic: `${topic}/scans`, ...payloadOf(emission, baseMs) }];
    },
  };
}

export function climateSpeech(device: ClimateLayout, baseMs: number): Speech {
  if (device.profile === 'sparkplug-b') return sparkplugSpeech(device, baseMs);
  const say = climateWords(device, baseMs);
  return {
    say: (emission) => (emission.type === 'climate' ? say(emission) : []),
    ...presenceOf(device),
  };
}

function climateWords(
  { profile, topic, version = 4 }: ClimateLayout,
  baseMs: number,
): (emission: ClimateEmission) => readonly SpokenMessage[] {
  const before = new Map<string, ClimateEmission>();
  switch (profile) {
    case 'tasmota':
      return (emission) =>
        tasmotaTelemetry(emission, baseMs).map(({ level, payload }) => ({
          topic: `${topic}/${level}`,
          payload,
        }));
    case 'ruuvi': {
      const gatewayMac = topic.slice(topic.lastIndexOf('/') + 1);
      return (emission) =>
        ruuviPayloads(emission, gatewayMac, baseMs).map((payload) => ({
          topic: `${topic}/${emission.sensor}`,
          payload,
        }));
    }
    case 'chirpstack': {
      const uplinkOf = version === 3 ? chirpStack3Uplink : chirpStack4Uplink;
      return (emission) => {
        const { channel, payload } = uplinkOf(emission, baseMs);
        return [{ topic: `${topic}/${channel}`, payload }];
      };
    }
    case 'milesight':
      return (emission) => {
        const { channel, payload } = milesightUplink(emission, before.get(emission.sensor), baseMs);
        before.set(emission.sensor, emission);
        return [{ topic: `${topic}/${channel}`, payload }];
      };
    default:
      return (emission) => [
        { topic: `${topic}/${emission.sensor}`, payload: zigbeePayload(emission, baseMs) },
      ];
  }
}

/** The word of those who leave their presence with the broker: retained in truth, here said anew. */
function presenceOf({ profile, topic }: ClimateLayout): Partial<Speech> {
  const words = { tasmota: ['Online', 'Offline'], ruuvi: ['online', 'offline'] } as const;
  if (profile !== 'tasmota' && profile !== 'ruuvi') return {};
  const at = `${topic}/${profile === 'tasmota' ? 'LWT' : 'gw_status'}`;
  const said = (word: string): OutgoingMessage => {
    const text = profile === 'tasmota' ? word : JSON.stringify({ state: word });
    return { topic: at, payload: Buffer.from(text), qos: 1 };
  };
  const [online, offline] = words[profile];
  return { greeting: () => [said(online)], will: () => said(offline) };
}

function sparkplugSpeech(device: ClimateLayout, baseMs: number): Speech {
  const node = new SparkplugNode();
  const topic = (type: string, sensor?: string) =>
    device.topic.replace('+', type) + (sensor === undefined ? '' : `/${sensor}`);
  let last: ClimateEmission | undefined;
  const nowMs = () => baseMs + (last?.atMs ?? 0);
  const birth = ({ name }: { readonly name: string }): OutgoingMessage => ({
    topic: topic('DBIRTH', name),
    payload: node.deviceBirth(nowMs(), last),
    qos: 0,
  });
  return {
    say(emission) {
      if (emission.type !== 'climate') return [];
      last = emission;
      return [{ topic: topic('DDATA', emission.sensor), payload: node.data(emission, baseMs) }];
    },
    will: () => ({ topic: topic('NDEATH'), payload: node.death(), qos: 1 }),
    greeting: () => [
      { topic: topic('NBIRTH'), payload: node.birth(nowMs()), qos: 0 },
      ...device.sensors.map(birth),
    ],
  };
}
