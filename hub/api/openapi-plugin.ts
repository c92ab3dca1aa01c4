import swagger from '@fastify/swagger';
import Type from 'typebox';
import { problem } from '#contracts/api/problem-api.ts';
import { apiPaths } from '#contracts/api/routes-api.ts';
import { csrfHeader } from '#contracts/api/session-api.ts';
import type { HubApp } from './hub-app.ts';
import { problemReference } from './problem.ts';

const csrfNote =
  `Requests that change something (neither GET nor HEAD) carry the header \`${csrfHeader}\`, with ` +
  `any value: it is what a page of another site cannot send.`;

/** For the description alone: `addCrossSiteGuard` is what refuses a request without it. */
const csrfParameter = {
  type: 'object',
  required: [csrfHeader],
  properties: { [csrfHeader]: { type: 'string', description: csrfNote, examples: ['1'] } },
};

function changesSomething(method: string | readonly string[]): boolean {
  return [method].flat().some((one) => !['GET', 'HEAD', 'OPTIONS'].includes(one));
}

/** Collects the routes that are added after it into one OpenAPI 3.1 description. */
export async function collectOpenApi(app: HubApp, cookieName: string): Promise<void> {
  app.addSchema(problem);
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Holdfast hub',
        version: '1',
        description:
          `Stock, fleet and outages of all sites. Sign in with POST ${apiPaths.session} and send ` +
          `its cookie with every request. ${csrfNote} Unknown is null, never zero.`,
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      components: {
        securitySchemes: {
          session: { type: 'apiKey', in: 'cookie', name: cookieName },
          metricsToken: { type: 'http', scheme: 'bearer' },
        },
      },
    },
    refResolver: { buildLocalReference: (json, _base, _fragment, index) => nameOf(json, index) },
    transform: ({ schema, url, route }) => ({
      url,
      schema: {
        ...schema,
        ...(changesSomething(route.method) && { headers: csrfParameter }),
        security: securityOf(route.config?.access),
      },
    }),
  });
}

/** The description itself, for tools. */
export function openApiPlugin(app: HubApp, _options: unknown, done: () => void): void {
  app.get(
    apiPaths.openapi,
    {
      // It names what the sources show to anybody, and nothing of this hub but its cookie's name.
      config: { access: 'public' },
      schema: {
        tags: ['api'],
        summary: 'This description',
        response: { 200: Type.Unknown(), default: problemReference },
      },
    },
    () => app.swagger(),
  );
  done();
}

function nameOf(json: { $id?: unknown }, index: number): string {
  return typeof json.$id === 'string' ? json.$id : `schema-${index}`;
}

function securityOf(access: string | undefined): Record<string, string[]>[] {
  if (access === 'public') return [];
  return access === 'metrics-token' ? [{ metricsToken: [] }] : [{ session: [] }];
}
