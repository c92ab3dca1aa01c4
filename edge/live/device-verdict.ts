import type { DeviceFault } from '../../devices/device-fault.ts';
import type { DeviceConfig } from '../config/gateway-config.ts';
import { refusalAdvice } from '../intake/refusal-advice.ts';
import type { RefusedClient } from '../intake/refusal-log.ts';

/** What was heard of a device while it was tested. */
export interface Heard {
  readonly messages: number;
  readonly readings: number;
  /** Good ones that were left out because they came before. */
  readonly repeated?: number;
  readonly unread: readonly Unread[];
  /** Clients that the broker did not let in, of whatever name. */
  readonly refusals: readonly RefusedClient[];
  /** What the driver of an OPC UA device found wrong. */
  readonly faults: readonly DeviceFault[];
}

interface Unread {
  readonly channel: string;
  readonly reason: string;
  readonly detail: string;
}

export interface Verdict {
  /** It speaks, and all that it says can be read. */
  readonly ok: boolean;
  /** For a person: what is wrong, each with what to do. */
  readonly lines: readonly string[];
}

/** What to make of what was heard, and what to do about it. */
export function deviceVerdict(device: DeviceConfig, heard: Heard): Verdict {
  const { faults, messages, readings, repeated = 0, unread } = heard;
  const refusals = heard.refusals.filter((one) => isOf(device, one));
  const trouble = [
    ...faults.map(({ code, subject, text }) => {
      return `${code}${subject === undefined ? '' : ` (${subject})`}: ${text}`;
    }),
    ...refusals.map((one) => refusalWords(device, one)),
    ...unreadWords(device, unread),
    ...(messages + unread.length + faults.length + refusals.length > 0 ? [] : [silence(device)]),
  ];
  const again = repeated === 0 ? '' : `, ${repeated} seen before`;
  const count = `${messages} messages, ${readings} readings${again}, ${unread.length} not read`;
  const ok = trouble.length === 0 && readings + repeated > 0;
  const judged = ok ? 'is read as configured' : 'is not in order';
  const empty =
    trouble.length === 0 && readings + repeated === 0
      ? ['It speaks, and nothing it said is a reading: give it something to read.']
      : [];
  return { ok, lines: [`${device.id} ${judged}: ${count}.`, ...trouble, ...empty] };
}

function isOf(device: DeviceConfig, refused: RefusedClient): boolean {
  const { id, mqtt } = device;
  if (mqtt === undefined) return false;
  if (refused.device === id) return true;
  const { certificate = '', clientId, username } = refused;
  const { commonName = id, sha256 = id } = mqtt.certificate ?? {};
  return (
    username === (mqtt.username ?? id) ||
    username === id ||
    clientId === id ||
    certificate.startsWith(`${commonName} `) ||
    certificate.endsWith(sha256.replaceAll(':', '').toLowerCase())
  );
}

function refusalWords({ id, mqtt }: DeviceConfig, refused: RefusedClient): string {
  const { address = 'somewhere', clientId, count, reason, username = '' } = refused;
  const client = [clientId, refused.certificate].filter(Boolean).join(' with certificate ');
  const who = `the broker refused client ${client} from ${address} ${count} times`;
  switch (reason) {
    case 'wrong-password':
      return `${who}: wrong password. Put what the device has into ${mqtt?.passwordFile ?? 'passwordFile'}, and apply.`;
    case 'unknown-user':
      return `${who}: no device has the user name "${username}". Set it to ${mqtt?.username ?? id} on the device, or here.`;
    case 'too-many-tries':
      return `${who}: it tried too often with a wrong password. Correct it; it gets in within a minute.`;
    default: {
      const { cause, remedy } = refusalAdvice[reason];
      return `${who}: ${cause}. ${remedy}`;
    }
  }
}

const remedies: Readonly<Record<string, string>> = {
  'id-used-before': 'Let the scanner make a new id for each scan: a UUID, no counter.',
  'gateway-fault': 'This is a fault of the gateway: send a support bundle with the message.',
  malformed: 'Look at its data format: it is not what the profile reads. Is the profile right?',
  'missing-id': 'Let the scanner send an id of its own with each scan.',
  'not-a-number': 'Look at the sensor: a probe that is broken or missing sends such values.',
  'out-of-range': 'Look at its clock and units: a value is beyond what can be.',
  oversized: 'Let it send less at a time: up to 256 KiB a message.',
  'unknown-message':
    'Is the profile right? Turn off what it sends besides, or leave it: it is kept aside.',
  'wrong-type': 'Look at its data format: a field has another type than the profile reads.',
};

function unreadWords({ id, mqtt }: DeviceConfig, unread: readonly Unread[]): string[] {
  const byReason = Map.groupBy(unread, ({ reason }) => reason);
  return [...byReason].map(([reason, of]) => {
    const { channel = '', detail = '' } = of[0] ?? {};
    const remedy =
      reason === 'wrong-topic'
        ? `Publish below ${mqtt?.topic ?? id}, or set mqtt.topic to where "${channel}" begins.`
        : (remedies[reason] ?? 'See GET /quarantine for the message.');
    return `${of.length} × ${reason} on "${channel}" (${detail}). ${remedy}`;
  });
}

function silence({ http, id, mqtt, opcua }: DeviceConfig): string {
  if (mqtt !== undefined) {
    return `Nothing was heard. Is it on, is the broker's address set on it, and does it publish below ${mqtt.topic ?? id} as ${mqtt.username ?? 'its certificate says'}?`;
  }
  if (http !== undefined) {
    return 'Nothing was heard. Scan something; does it post to /scans, under its own token?';
  }
  return `Nothing was heard of ${opcua?.endpoint ?? id}: the server is there and its values did not change.`;
}
