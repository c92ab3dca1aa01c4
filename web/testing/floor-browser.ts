import { buildFloor } from '../floor/build-floor.ts';
import { FloorServer } from './floor-server.ts';
import { fixtureNowMs, openPageBrowser, type PageBrowser } from './page-browser.ts';

/** The built floor page in a real browser, before a gateway of the tests. One for a test file. */
export type FloorBrowser = PageBrowser<FloorServer>;

export function openFloorBrowser(): Promise<FloorBrowser> {
  return openPageBrowser(buildFloor, (dist) => new FloorServer(dist, fixtureNowMs));
}
