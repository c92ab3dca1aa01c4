import type { OutagesQuery } from '#contracts/api/outages-api.ts';
import type { MovementsQuery, StockQuery, StockRow } from '#contracts/api/stock-api.ts';
import type { InTransitQuery } from '#contracts/api/in-transit-api.ts';
import type { TasksQuery } from '#contracts/api/tasks-api.ts';
import { apiPaths } from '#contracts/api/routes-api.ts';

/**
 * The only maker of URLs: of screens, whose whole state is in them, and of API calls. Each screen's
 * view has a reader and a writer; writing leaves out what is the default.
 */

export const screenPaths = {
  stock: '/stock',
  fleet: '/fleet',
  outages: '/outages',
  tasks: '/tasks',
  people: '/people',
} as const;
export type ScreenName = keyof typeof screenPaths;

/** The screen a path shows; anything unknown shows none. */
export function screenAt(path: string): ScreenName | undefined {
  if (path === '/') return 'stock';
  for (const [name, at] of Object.entries(screenPaths)) {
    if (path === at) return name as ScreenName;
  }
  return undefined;
}

export type StockSort = NonNullable<StockQuery['sort']>;
export type StockKey = Pick<
  StockRow,
  'site' | 'zone' | 'status' | 'owner' | 'item' | 'lot' | 'handlingUnit'
>;

export interface StockView {
  readonly site?: string;
  readonly zone?: string;
  readonly status?: string;
  readonly item?: string;
  readonly sort: StockSort;
  readonly order: 'asc' | 'desc';
  /** The row whose drawer is open, as `stockKeyText` writes it. */
  readonly row?: string;
  /** The event whose evidence is open within the drawer. */
  readonly event?: string;
}

const stockSorts: readonly StockSort[] = [
  'site',
  'zone',
  'item',
  'status',
  'quantity',
  'changedAt',
];

export function readStockView(params: URLSearchParams): StockView {
  const sort = stockSorts.find((each) => each === params.get('sort')) ?? 'site';
  return {
    ...textOf(params, ['site', 'zone', 'status', 'item', 'row', 'event'] as const),
    sort,
    order: params.get('order') === 'desc' ? 'desc' : 'asc',
  };
}

export const defaultStockView: StockView = { sort: 'site', order: 'asc' };

export function stockPath(view: StockView): string {
  const { site, zone, status, item, sort, order, row, event } = view;
  return withParams(screenPaths.stock, {
    site,
    zone,
    status,
    item,
    sort: sort === 'site' ? undefined : sort,
    order: order === 'asc' ? undefined : order,
    row,
    event,
  });
}

export interface VersionPair {
  readonly from: number;
  readonly to: number;
}

export interface FleetView {
  readonly gateway?: string;
  readonly only?: 'trouble';
  /** Whose drawer is open: `lyon-1` the gateway's, `lyon-1/dock-2` the device's. */
  readonly open?: string;
  /** Versions of the configuration that are compared. */
  readonly compare?: VersionPair;
  readonly sort: string;
  readonly order: 'asc' | 'desc';
}

export function readFleetView(params: URLSearchParams): FleetView {
  const only = params.get('only') === 'trouble' ? ({ only: 'trouble' } as const) : {};
  return {
    ...textOf(params, ['gateway', 'open'] as const),
    ...only,
    ...comparedOf(params.get('compare')),
    sort: params.get('sort') ?? 'device',
    order: params.get('order') === 'desc' ? 'desc' : 'asc',
  };
}

export const defaultFleetView: FleetView = { sort: 'device', order: 'asc' };

export function fleetPath(view: FleetView): string {
  const { gateway, only, open, compare, sort, order } = view;
  return withParams(screenPaths.fleet, {
    gateway,
    only,
    open,
    compare: compare && `${compare.from}-${compare.to}`,
    sort: sort === 'device' ? undefined : sort,
    order: order === 'asc' ? undefined : order,
  });
}

function comparedOf(text: string | null): { compare?: VersionPair } {
  const [, from, to] = /^([1-9]\d{0,8})-([1-9]\d{0,8})$/.exec(text ?? '') ?? [];
  return from === undefined ? {} : { compare: { from: Number(from), to: Number(to) } };
}

export const outageWindows = {
  '15m': 15 * 60_000,
  '1h': 3_600_000,
  '8h': 8 * 3_600_000,
  '24h': 24 * 3_600_000,
  '7d': 7 * 24 * 3_600_000,
} as const;
export type OutageWindow = keyof typeof outageWindows;

export interface OutagesView {
  /** Absent where nobody chose one. */
  readonly window?: OutageWindow;
  /** Only what stood between gateway and hub. */
  readonly type?: 'uplink';
  readonly incident?: string;
}

export function readOutagesView(params: URLSearchParams): OutagesView {
  const asked = params.get('window') ?? '';
  return {
    ...(Object.hasOwn(outageWindows, asked) ? { window: asked as OutageWindow } : {}),
    ...(params.get('type') === 'uplink' ? { type: 'uplink' as const } : {}),
    ...textOf(params, ['incident'] as const),
  };
}

export function outagesPath(view: OutagesView): string {
  const { window, type, incident } = view;
  return withParams(screenPaths.outages, {
    window,
    type,
    incident,
  });
}

export interface PeopleView {
  readonly site?: string;
  /** Whose drawer is open; `new`: somebody's who is not there yet. */
  readonly person?: string;
}

export function readPeopleView(params: URLSearchParams): PeopleView {
  return textOf(params, ['site', 'person'] as const);
}

export function peoplePath(view: PeopleView): string {
  return withParams(screenPaths.people, view);
}

/** A stock row's key as one URL-safe text. A lot or unit that is absent is an empty part. */
export function stockKeyText(key: StockKey): string {
  const { site, zone, status, owner, item, lot, handlingUnit } = key;
  return [site, zone, status, owner, item, lot ?? '', handlingUnit ?? '']
    .map((part) => encodeURIComponent(part).replaceAll('~', '%7E'))
    .join('~');
}

/** @returns undefined for text that names no row. */
export function parseStockKey(text: string): StockKey | undefined {
  const parts = text.split('~').map(decodePart);
  const [site, zone, status, owner, item, lot, handlingUnit] = parts;
  if (!site || !zone || !status || !owner || !item || parts.length !== 7) return undefined;
  return {
    site,
    zone,
    status: status as StockRow['status'],
    owner,
    item,
    lot: lot || null,
    handlingUnit: handlingUnit || null,
  };
}

export const apiUrls = {
  session: apiPaths.session,
  fleet: apiPaths.fleet,
  fleetConfig: apiPaths.fleetConfig,
  configVersions: apiPaths.configVersions,
  configPushes: apiPaths.configPushes,
  sitePeople: apiPaths.sitePeople,
  stream: apiPaths.stream,
} as const;

export function gatewayQuarantineUrl(gateway: string): string {
  return withParams(apiPaths.fleetQuarantine, { gateway });
}

export function sitePersonUrl(id: string): string {
  return apiPaths.sitePerson.replace(':person', encodeURIComponent(id));
}

export function sitePersonRevokeUrl(id: string): string {
  return apiPaths.sitePersonRevoke.replace(':person', encodeURIComponent(id));
}

export function configVersionUrl(version: number): string {
  return apiPaths.configVersion.replace(':version', String(version));
}

export function configPushCancelUrl(push: number): string {
  return apiPaths.configPushCancel.replace(':push', String(push));
}

export function stockUrl(query: StockQuery): string {
  return withParams(apiPaths.stock, { ...query });
}

export function movementsUrl(
  key: StockKey,
  page: Pick<MovementsQuery, 'limit' | 'cursor'>,
): string {
  const { lot, handlingUnit, ...rest } = key;
  return withParams(apiPaths.movements, {
    ...rest,
    lot: lot ?? undefined,
    handlingUnit: handlingUnit ?? undefined,
    ...page,
  });
}

/** `event` is `gateway/epoch/seq`, which is also the shape of the path. */
export function eventUrl(event: string): string {
  const [gateway = '', epoch = '', seq = ''] = event.split('/').map(encodeURIComponent);
  return apiPaths.event.replace(':gateway', gateway).replace(':epoch', epoch).replace(':seq', seq);
}

export function outagesUrl(query: {
  readonly [K in keyof OutagesQuery]: OutagesQuery[K] | undefined;
}): string {
  return withParams(apiPaths.outages, query);
}

export function inTransitUrl(query: InTransitQuery): string {
  return withParams(apiPaths.inTransit, { ...query });
}

export function tasksUrl(query: TasksQuery): string {
  return withParams(apiPaths.tasks, { ...query });
}

function withParams(path: string, values: object): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(values) as [string, unknown][]) {
    if (typeof value === 'string' && value !== '') params.set(name, value);
    if (typeof value === 'number') params.set(name, String(value));
  }
  const text = params.toString();
  return text === '' ? path : `${path}?${text}`;
}

function textOf<N extends string>(params: URLSearchParams, names: readonly N[]) {
  const found: { [K in N]?: string } = {};
  for (const name of names) {
    const value = params.get(name);
    if (value !== null && value !== '') found[name] = value;
  }
  return found;
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return '';
  }
}
