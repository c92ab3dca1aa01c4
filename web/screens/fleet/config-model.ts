import type { ConfigPush, ConfigStanding, PushedGatewayRow } from '#contracts/api/config-api.ts';
import type { DownlinkFault } from '#contracts/downlink.ts';
import { countOf } from '../../format/numbers.ts';
import { formatMinute } from '../../format/times.ts';
import type { VersionPair } from '../../paths.ts';
import type { Tone } from '../../ui/shapes.ts';
import type { StateWords } from './fleet-model.ts';

export interface ConfigLine extends ConfigStanding {
  readonly key: string;
}

const order: Record<ConfigStanding['standing'], number> = {
  refused: 0,
  returned: 1,
  override: 2,
  drift: 3,
  unknown: 4,
  'on-the-way': 5,
  trial: 6,
  file: 7,
  none: 8,
  'in-step': 9,
};

/** Gateways that ask for attention first, then by site and name. */
export function configLines(gateways: readonly ConfigStanding[]): readonly ConfigLine[] {
  return gateways
    .map((row) => ({ ...row, key: row.gateway }))
    .sort(
      (a, b) =>
        order[a.standing] - order[b.standing] ||
        a.site.localeCompare(b.site) ||
        a.gateway.localeCompare(b.gateway),
    );
}

export function standingWords(row: ConfigStanding, nowMs: number): StateWords {
  switch (row.standing) {
    case 'in-step':
      return { tone: 'ok', words: 'in step', hover: 'What it was given is in force, unchanged' };
    case 'on-the-way':
      return { tone: 'draining', words: 'on the way', hover: 'It has not answered yet' };
    case 'trial': {
      const until = row.trialUntil === null ? '' : ` until ${formatMinute(row.trialUntil, nowMs)}`;
      const hover = `In force; the former one returns${until} unless hub and devices are heard`;
      return { tone: 'info', words: 'on trial', hover };
    }
    case 'refused':
      return { tone: 'bad', words: 'refused', hover: 'The former configuration stays in force' };
    case 'returned':
      return { tone: 'bad', words: 'returned', hover: 'It did not prove itself in three minutes' };
    case 'override': {
      const until =
        row.override === null ? '' : ` until ${formatMinute(row.override.until, nowMs)}`;
      const hover = `Put in force at the site${until}: ${row.override?.reason ?? ''}`;
      return { tone: 'warn', words: `override${until}`, hover };
    }
    case 'drift': {
      const since = row.appliedAt === null ? '' : ` since ${formatMinute(row.appliedAt, nowMs)}`;
      const hover = `In force${since} is not what its version made`;
      return { tone: 'warn', words: 'drift', hover };
    }
    case 'file':
      return {
        tone: 'plain',
        words: 'own file',
        hover: 'Its own file owns it; pushes are refused',
      };
    case 'none':
      return { tone: 'plain', words: 'never pushed', hover: 'It takes pushes and got none yet' };
    case 'unknown':
      return { tone: 'unknown', words: 'unknown', hover: 'It has not said anything yet' };
  }
}

/** What is in force against what is wanted, where the hub has both and they are not the same. */
export function comparablePair({
  inForceVersion: from,
  wantedVersion: to,
}: Pick<ConfigStanding, 'inForceVersion' | 'wantedVersion'>): VersionPair | undefined {
  return from === null || to === null || from === to ? undefined : { from, to };
}

/** `version 4`, or why there is no number. */
export function versionWords(version: number | null): string {
  return version === null ? 'none of the hub' : `version ${version}`;
}

const pushTones: Record<ConfigPush['state'], Tone> = {
  running: 'draining',
  done: 'ok',
  stopped: 'bad',
  cancelled: 'plain',
};

export function pushWords(push: ConfigPush): StateWords {
  const words = push.state === 'running' ? `wave ${waveOf(push)} of ${push.waves}` : push.state;
  return { tone: pushTones[push.state], words, hover: push.reason ?? '' };
}

/** The wave that is out. */
function waveOf({ gateways }: ConfigPush): number {
  const out = gateways.filter(({ sentAt }) => sentAt !== null).map(({ wave }) => wave);
  return Math.max(1, ...out);
}

const pushedTones: Record<PushedGatewayRow['state'], readonly [Tone, string]> = {
  waiting: ['plain', 'waiting'],
  sent: ['draining', 'sent'],
  deferred: ['draining', 'waits for an override'],
  trial: ['info', 'on trial'],
  applied: ['ok', 'in force'],
  returned: ['bad', 'returned'],
  refused: ['bad', 'refused'],
  'left-out': ['plain', 'not sent'],
};

export function pushedWords({ reason, state }: PushedGatewayRow): StateWords {
  const [tone, words] = pushedTones[state];
  return { tone, words, hover: reason ?? '' };
}

/** What a push will do, before anybody presses the button. */
export function planWords(version: number | undefined, gateways: number, waveSize: number): string {
  if (version === undefined) return 'Choose a version.';
  if (gateways === 0) return 'Choose at least one gateway.';
  if (gateways === 1) return `Version ${version} goes to one gateway.`;
  const waves = Math.ceil(gateways / waveSize);
  const to = `Version ${version} goes to ${countOf(gateways, 'gateway')}`;
  if (waves === 1) return `${to} at once.`;
  return (
    `${to} in ${waves} waves. Each waits until the one before has it in force and is healthy; ` +
    'a refusal stops it.'
  );
}

/** `Line 5:3 /devices/0/profile is none of those known. Write one of …` */
export function faultWords({ column, line, message, path, remedy }: DownlinkFault): string {
  const where =
    line === undefined ? '' : `Line ${line}${column === undefined ? '' : `:${column}`} `;
  const end = /[.!?…]$/.test(message) ? '' : '.';
  return `${where}${path === '' ? '' : `${path} `}${message}${end} ${remedy}`;
}
