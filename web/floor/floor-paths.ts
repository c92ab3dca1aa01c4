import { floorPaths } from '#contracts/api/floor-api.ts';

/**
 * The only maker of the floor page's URLs. The page is one file below `/floor/`, so its whole state
 * is in the query: which screen, and what it is about.
 */

export const floorScreens = [
  'home',
  'receive',
  'ship',
  'move',
  'count',
  'sweep',
  'hold',
  'adjust',
  'pack',
  'find',
  'tasks',
  'transfers',
  'check',
  'devices',
  'flow',
  'person',
] as const;
export type FloorScreenName = (typeof floorScreens)[number];

export interface FloorView {
  readonly screen: FloorScreenName;
  /** What was scanned, typed or tapped on the way here. */
  readonly code?: string;
  readonly document?: string;
  readonly zone?: string;
  /** The task that is worked off here. */
  readonly task?: string;
  readonly device?: string;
  /** Of the things that a screen does, another than the first: release, unpack, check. */
  readonly mode?: string;
}

const names = ['code', 'document', 'zone', 'task', 'device', 'mode'] as const;

export function readFloorView(params: URLSearchParams): FloorView {
  const asked = params.get('screen');
  const screen = floorScreens.find((each) => each === asked) ?? 'home';
  const rest: { [K in (typeof names)[number]]?: string } = {};
  for (const name of names) {
    const value = params.get(name);
    if (value !== null && value !== '') rest[name] = value;
  }
  return { screen, ...rest };
}

export function floorPath(view: FloorView): string {
  const params = new URLSearchParams();
  if (view.screen !== 'home') params.set('screen', view.screen);
  for (const name of names) {
    const value = view[name];
    if (value !== undefined && value !== '') params.set(name, value);
  }
  const text = params.toString();
  return text === '' ? floorPaths.page : `${floorPaths.page}?${text}`;
}

/** An API path with its query; what is undefined is left out. */
export function floorUrl(
  path: (typeof floorPaths)[keyof typeof floorPaths],
  query: Readonly<Record<string, string | number | undefined>> = {},
): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') params.set(name, String(value));
  }
  const text = params.toString();
  return text === '' ? path : `${path}?${text}`;
}
