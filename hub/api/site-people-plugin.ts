import { apiPaths } from '#contracts/api/routes-api.ts';
import {
  newSitePerson,
  sitePeoplePage,
  sitePersonBody,
  sitePersonChange,
  sitePersonPath,
  sitePersonRevocation,
} from '#contracts/api/site-people-api.ts';
import type { Result } from '#contracts/fault.ts';
import type { SitePeopleDesk } from '../site-people/site-people.ts';
import type { HubApp } from './hub-app.ts';
import { faultFrom, problemReference } from './problem.ts';

const tags = ['site people'];

/** Who may sign in at the floor pages of which sites. */
export function sitePeoplePlugin(desk: Pick<SitePeopleDesk, 'list' | 'add' | 'change' | 'revoke'>) {
  return (app: HubApp, _options: unknown, done: () => void): void => {
    const response = { 200: sitePersonBody, default: problemReference };
    const config = { access: 'site-person.manage' } as const;
    app.get(
      apiPaths.sitePeople,
      {
        config: { access: 'site-person.read' },
        schema: {
          tags,
          summary: 'The people of the floor pages, and gateways that wait for the newest list',
          response: { 200: sitePeoplePage, default: problemReference },
        },
      },
      () => desk.list(),
    );
    app.post(
      apiPaths.sitePeople,
      {
        config,
        schema: { tags, summary: 'Let somebody in at some sites', body: newSitePerson, response },
      },
      async (request) => valueOf(await desk.add(request.body)),
    );
    app.post(
      apiPaths.sitePerson,
      {
        config,
        schema: {
          tags,
          summary: 'Other rights, sites or another password for somebody',
          params: sitePersonPath,
          body: sitePersonChange,
          response,
        },
      },
      async (request) => valueOf(await desk.change(request.params.person, request.body)),
    );
    app.post(
      apiPaths.sitePersonRevoke,
      {
        config,
        schema: {
          tags,
          summary: "End somebody's rights, now or a while ago; what they did since is reviewed",
          params: sitePersonPath,
          body: sitePersonRevocation,
          response,
        },
      },
      async (request) => valueOf(await desk.revoke(request.params.person, request.body.at)),
    );
    done();
  };
}

function valueOf<T>(result: Result<T>): T {
  if (!result.ok) throw faultFrom(result.refusal);
  return result.value;
}
