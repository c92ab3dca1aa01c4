import { floorPaths, type FloorSession } from '#contracts/api/floor-api.ts';
import { browserClock } from '../console-clock.ts';
import { ApiClient } from '../data/api-client.ts';
import { HubTime } from '../data/hub-time.ts';
import { SessionData } from '../data/session-data.ts';
import { Router } from '../router.ts';
import { applyTheme, storedTheme } from '../theme/theme-choice.ts';
import { ActOutbox } from './acts/act-outbox.ts';
import { KeptActs } from './acts/kept-acts.ts';
import { FloorData } from './data/floor-data.ts';
import { SessionWatch } from './data/session-watch.ts';
import type { FloorParts } from './floor-parts.ts';
import { FloorRoot } from './floor-root.ts';
import { ScanListener } from './scan/scan-listener.ts';
import { PageKeeper } from './worker/page-keeper.ts';

/** Handhelds reach the gateway by plain HTTP too, where `crypto.randomUUID` is not to be had. */
function newActId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Puts the floor page together. The only file that reaches for the browser's globals. */
function assemble(): FloorParts {
  const clock = browserClock;
  const hubTime = new HubTime(clock);
  const api = new ApiClient((input, init) => fetch(input, init));
  const kept = new KeptActs(localStorage);
  const session = new SessionData<FloorSession>(api, floorPaths.session);
  return {
    clock,
    hubTime,
    router: new Router(window),
    session,
    watch: new SessionWatch({ session, clock, time: hubTime }),
    data: new FloorData(api, clock, hubTime),
    outbox: new ActOutbox({ api, clock, time: hubTime, kept, newId: newActId }),
    scanner: new ScanListener(),
    openFlow: (url) => new EventSource(url),
    drafts: localStorage,
    keeper: new PageKeeper(isSecureContext ? navigator.serviceWorker : undefined),
  };
}

applyTheme(document.documentElement, storedTheme(localStorage));
const parts = assemble();
const root = document.querySelector('floor-root');
if (root instanceof FloorRoot) {
  root.parts = parts;
  parts.scanner.start(document);
  parts.router.start();
  parts.session.start();
  parts.watch.start(document);
  // After the page itself: it fetches every file once more.
  addEventListener('load', () =>
    parts.keeper.start(`${floorPaths.page}worker.js`, floorPaths.page),
  );
}
