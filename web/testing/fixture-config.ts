import type {
  ConfigPush,
  ConfigStanding,
  ConfigVersion,
  ConfigVersionText,
  FleetConfig,
  PushedGatewayRow,
} from '#contracts/api/config-api.ts';

const minuteMs = 60_000;

export function fixtureVersions(nowMs: number): ConfigVersion[] {
  return [3, 2, 1].map((version) => ({
    version,
    hash: String(version).repeat(64),
    note: ['first of the year', 'cold zone narrower', 'new readers at dock 4'][version - 1] ?? '',
    author: 'admin',
    createdAt: nowMs - (4 - version) * 600 * minuteMs,
    bytes: 18_300 + version,
  }));
}

/** Texts that differ in a few lines far apart. */
export function fixtureVersionText(nowMs: number, version: number): ConfigVersionText {
  const [any] = fixtureVersions(nowMs);
  if (any === undefined) throw new Error('there are versions');
  const of = fixtureVersions(nowMs).find((each) => each.version === version) ?? any;
  const readers = Array.from({ length: 20 }, (_, n) => [
    `  - id: reader-${n + 1}`,
    `    profile: ${version === 3 && n === 12 ? 'impinj-r7000' : 'impinj-r700'}`,
    `    zone: dock-${(n % 4) + 1}`,
  ]).flat();
  const lines = [
    'zones:',
    '  - id: cold-2',
    `    maxTempMilliC: ${version === 1 ? 8000 : 7000}`,
    ...(version === 3 ? ['    holdAfterS: 600'] : []),
    'devices:',
    ...readers,
    ...(version === 3 ? ['  - id: dock-4-b', '    profile: impinj-r700', '    zone: dock-4'] : []),
    'retention:',
    `  rawDays: ${version === 3 ? 45 : 30}`,
  ];
  return { ...of, version, text: `${lines.join('\n')}\n` };
}

function standing(
  site: string,
  gateway: string,
  nowMs: number,
  of: Partial<ConfigStanding>,
): ConfigStanding {
  return {
    site,
    gateway,
    standing: 'in-step',
    owner: 'hub',
    wantedVersion: 2,
    inForceVersion: 2,
    inForceHash: 'a'.repeat(64),
    appliedAt: nowMs - 300 * minuteMs,
    trialUntil: null,
    heardAt: nowMs - 12_000,
    override: null,
    refused: null,
    ...of,
  };
}

export function fixtureFleetConfig(nowMs: number): FleetConfig {
  const faults = [
    {
      line: 41,
      column: 14,
      path: '/devices/3/profile',
      message: 'is no device profile',
      remedy: 'Write one of impinj-r700, zebra-fx, autoid-opcua.',
    },
    {
      line: 44,
      column: 11,
      path: '/devices/3/zone',
      message: 'names no zone of this site',
      remedy: 'Write a zone of `zones`, or add it there.',
    },
  ];
  const text = 'what was pushed has 2 faults';
  const refused = { version: 3, code: 'CONFIG_INVALID', text, atMs: nowMs - 8 * minuteMs, faults };
  const file = { wantedVersion: null, inForceVersion: null } as const;
  return {
    asOfMs: nowMs,
    gateways: [
      standing('basel', 'basel-1', nowMs, { ...file, standing: 'file', owner: 'file' }),
      standing('lyon', 'lyon-1', nowMs, {}),
      standing('lyon', 'lyon-2', nowMs, {
        standing: 'override',
        wantedVersion: 3,
        inForceVersion: null,
        appliedAt: nowMs - 24 * minuteMs,
        override: {
          by: 'p-4f21ac90be07',
          reason: 'portal 3 counts twice since the door was moved',
          since: nowMs - 24 * minuteMs,
          until: nowMs + 96 * minuteMs,
          deferredVersion: 3,
        },
      }),
      standing('metz', 'metz-1', nowMs, { standing: 'drift', inForceVersion: null }),
      standing('rotterdam', 'rotterdam-1', nowMs, {
        standing: 'refused',
        wantedVersion: 3,
        refused,
      }),
    ],
  };
}

export function fixturePushes(nowMs: number): ConfigPush[] {
  const row = (
    site: string,
    wave: number,
    state: PushedGatewayRow['state'],
    reason: string | null = null,
  ): PushedGatewayRow => {
    const isOut = state !== 'waiting' && state !== 'left-out';
    return {
      gateway: `${site}-1`,
      site,
      wave,
      state,
      sentAt: isOut ? nowMs - 9 * minuteMs : null,
      settledAt: isOut ? nowMs - 8 * minuteMs : null,
      reason,
      faults: [],
    };
  };
  const shared = { author: 'admin', createdAt: nowMs - 10 * minuteMs };
  return [
    {
      ...shared,
      push: 8,
      version: 2,
      waveSize: 1,
      waves: 2,
      state: 'running',
      reason: 'waits for lyon-1 to confirm it',
      endedAt: null,
      gateways: [row('lyon', 1, 'trial'), row('metz', 2, 'waiting')],
    },
    {
      ...shared,
      push: 7,
      version: 3,
      waveSize: 1,
      waves: 3,
      state: 'stopped',
      reason: 'rotterdam-1 refused it: what was pushed has 2 faults',
      endedAt: nowMs - 8 * minuteMs,
      gateways: [
        row('rotterdam', 1, 'refused', 'what was pushed has 2 faults'),
        row('lyon', 2, 'left-out'),
        row('metz', 3, 'left-out'),
      ],
    },
  ];
}
