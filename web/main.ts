import { AppRoot } from './app-root.ts';
import { browserClock } from './console-clock.ts';
import type { ConsoleParts } from './console-parts.ts';
import { ApiClient } from './data/api-client.ts';
import { ConfigData } from './data/config-data.ts';
import { createFleetData, createQuarantineData } from './data/fleet-data.ts';
import { HubStream } from './data/hub-stream.ts';
import { HubTime } from './data/hub-time.ts';
import { OutagesData } from './data/outages-data.ts';
import { SessionData } from './data/session-data.ts';
import { SitePeopleData } from './data/site-people-data.ts';
import { StockData } from './data/stock-data.ts';
import { createInTransitData } from './data/in-transit-data.ts';
import { createTasksData } from './data/tasks-data.ts';
import { apiUrls, outageWindows } from './paths.ts';
import { Router } from './router.ts';
import { applyTheme, storedTheme } from './theme/theme-choice.ts';

/** Puts the console together and starts it. The only file that reaches for the browser's globals. */
function assemble(): ConsoleParts {
  const clock = browserClock;
  const hubTime = new HubTime(clock);
  const api = new ApiClient((input, init) => fetch(input, init));
  const stream = new HubStream(clock, hubTime, () => new EventSource(apiUrls.stream));
  const outages = new Map<string, OutagesData>();
  return {
    clock,
    hubTime,
    router: new Router(window),
    session: new SessionData(api),
    stream,
    stock: new StockData(api, hubTime, stream),
    fleet: createFleetData(api, clock, hubTime, stream),
    quarantine: (gateway) => createQuarantineData(api, clock, stream, gateway),
    config: new ConfigData(api, clock, hubTime, stream),
    tasks: createTasksData(api, clock, hubTime, stream),
    inTransit: createInTransitData(api, clock, hubTime, stream),
    people: new SitePeopleData(api, clock, hubTime, stream),
    outages: (window, type) => {
      const name = `${window} ${type ?? ''}`;
      const windowMs = outageWindows[window];
      const made =
        outages.get(name) ?? new OutagesData({ api, clock, hubTime, stream, windowMs, type });
      outages.set(name, made);
      return made;
    },
  };
}

applyTheme(document.documentElement, storedTheme(localStorage));
const parts = assemble();
const root = document.querySelector('app-root');
if (root instanceof AppRoot) {
  root.parts = parts;
  // The hub ends the stream of a session that ended; the stream itself is not told why.
  parts.stream.stateChanged.add(() => {
    if (parts.stream.state === 'lost') void parts.session.check();
  });
  parts.router.start();
  parts.session.start();
}
