import type { Outage, OutagesPage } from '#contracts/api/outages-api.ts';

/** Invented outages in the shape of the contracts, for tests only: one of each kind. */

const minute = 60_000;

export function fixtureOutages(nowMs: number): OutagesPage {
  const ago = (minutes: number) => nowMs - minutes * minute;
  return {
    asOfMs: nowMs,
    outages: [
      outage('lyon-1/uplink/1', ago(200), ago(111), {
        ...reconciled(1_204_118, ago(109)),
        cause: 'no route to hub',
      }),
      outage('rotterdam-1/uplink/2', ago(24), ago(10), {
        state: 'draining',
        kept: 172_206,
        replayed: 171_002,
        lost: 0,
        doubled: 0,
        cause: 'link slow',
      }),
      outage('basel-1/gateway/3', ago(41), null, { cause: 'not heard of' }),
      outage('basel-1/gateway/2', ago(122), ago(121.8), {
        ...reconciled(0, ago(121)),
        cause: 'process ended without notice',
      }),
      outage('lyon-1/gap/9', ago(158), ago(157.9), {
        device: 'line-2',
        lost: 38,
        doubled: 0,
        cause: 'server-restart',
      }),
      outage('rotterdam-1/device/4', ago(6), null, {
        device: 'dock-1-b',
        doubled: 0,
        cause: 'device silent',
      }),
    ],
  };
}

/** What is not said is unknown. The id tells gateway and type. */
function outage(
  id: string,
  startedAt: number,
  endedAt: number | null,
  rest: Partial<Outage> & Pick<Outage, 'cause'>,
): Outage {
  const [gateway = '', type = ''] = id.split('/');
  return {
    id,
    site: gateway.slice(0, -2),
    gateway,
    device: null,
    type: type as Outage['type'],
    state: endedAt === null ? 'open' : 'closed',
    startedAt,
    endedAt,
    reconciledAt: null,
    kept: null,
    replayed: null,
    lost: null,
    doubled: null,
    headHashEqual: null,
    ...rest,
  };
}

function reconciled(events: number, reconciledAt: number): Partial<Outage> {
  return { kept: events, replayed: events, lost: 0, doubled: 0, reconciledAt, headHashEqual: true };
}
