import Type from 'typebox';
import { closed, epc, epochMs, name, oneOf } from '../schema.ts';

/** What the observers say about tags: evidence, not stock. */

const strength = Type.Optional(Type.Integer({ description: 'peak RSSI, hundredths of a dBm' }));

export const tagAppeared = closed({
  antenna: Type.Optional(Type.Integer()),
  epc,
  rssiCdbm: strength,
  zone: name,
});

export const tagMoved = closed({
  antenna: Type.Optional(Type.Integer()),
  epc,
  fromZone: name,
  rssiCdbm: strength,
  zone: name,
});

export const tagDeparted = closed({ epc, lastSeenAt: epochMs, zone: name });

const passDirections = ['in', 'out'] as const;

export const portalPassed = closed({
  direction: oneOf(passDirections),
  epc,
  firstSeenAt: epochMs,
  lastSeenAt: epochMs,
  portal: name,
  reads: Type.Integer({ minimum: 1 }),
});
