import type { Outage, OutagesPage } from '#contracts/api/outages-api.ts';

/** Invented outages in the shape of the contracts, for tests only: one of each kind, and many. */

const minute = 60_000;

/** What lasts, the newest first, and then what ended, the last to end first: as the hub orders it. */
export function fixtureOutages(nowMs: number): readonly Outage[] {
  const ago = (minutes: number) => nowMs - minutes * minute;
  return [
    outage('rotterdam-1/device/4', ago(6), null, { device: 'dock-1-b', cause: 'device silent' }),
    outage('rotterdam-1/uplink/2', ago(24), ago(10), {
      state: 'draining',
      kept: 172_206,
      replayed: 171_002,
      cause: 'link slow',
    }),
    outage('basel-1/gateway/3', ago(41), null, { cause: 'not heard of' }),
    outage('lyon-1/uplink/1', ago(200), ago(111), {
      kept: 1_204_118,
      replayed: 1_204_118,
      lost: 0,
      reconciledAt: ago(109),
      endedBy: 'lyon-1/1/912',
      cause: 'no route to hub',
    }),
    outage('basel-1/gateway/2', ago(122), ago(121.8), {
      reconciledAt: ago(121),
      endedBy: 'basel-1/1/60',
      cause: 'process ended without notice',
    }),
    outage('lyon-1/gap/9', ago(158), ago(157.9), {
      device: 'line-2',
      endedBy: 'lyon-1/1/900',
      cause: 'server-restart',
    }),
    outage('metz-1/lane/1', ago(300), ago(260), {
      release: { by: 'Ines Faure', reason: 'the clone was shut down' },
      cause: 'it continues another history than the one recorded up to 4118',
    }),
    outage('metz-1/gateway/8', ago(340), ago(332), {
      reconciledAt: ago(332),
      endedBy: 'metz-1/1/77',
      cause: 'orderly-stop',
    }),
  ];
}

/** Three seconds without link whose backlog came in within the next two. */
export function shortFixtureCut(nowMs: number): Outage {
  const startedAt = nowMs - 4 * minute;
  return outage('lyon-1/uplink/7', startedAt, startedAt + 3000, {
    kept: 41,
    replayed: 41,
    lost: 0,
    reconciledAt: startedAt + 5000,
    endedBy: 'lyon-1/1/940',
    cause: 'link or hub away',
  });
}

/** More than come at once, a minute apart, the newest first. */
export function manyFixtureOutages(nowMs: number, count: number): readonly Outage[] {
  return Array.from({ length: count }, (_, n) =>
    outage(`lyon-1/gap/${count - n}`, nowMs - (n + 2) * minute, nowMs - (n + 1) * minute, {
      device: `line-${n % 6}`,
      cause: 'overflow',
    }),
  );
}

/** Pages as the hub cuts them, but with the place in the list as the cursor. */
export function fixtureOutagesPage(
  outages: readonly Outage[],
  nowMs: number,
  query: URLSearchParams,
): OutagesPage {
  const type = query.get('type');
  const found = outages.filter((each) => type === null || type.split(',').includes(each.type));
  const from = Number(query.get('cursor')?.split('_')[1] ?? 0);
  const to = from + Number(query.get('limit') ?? 200);
  const nextCursor = to < found.length ? `ended_${to}_x` : null;
  return { asOfMs: nowMs, outages: found.slice(from, to), nextCursor };
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
    endedBy: null,
    release: null,
    ...rest,
  };
}
