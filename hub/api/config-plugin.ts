import Type from 'typebox';
import {
  configPushes,
  configVersion,
  configVersions,
  configVersionText,
  fleetConfig,
  maxConfigBytes,
  newConfigPush,
  newConfigVersion,
} from '#contracts/api/config-api.ts';
import { apiPaths } from '#contracts/api/routes-api.ts';
import type { Result } from '#contracts/fault.ts';
import { closed } from '#contracts/schema.ts';
import type { FleetConfigService } from '../fleet-config/fleet-config.ts';
import { sessionOf } from './access-guard.ts';
import type { HubApp } from './hub-app.ts';
import { faultFrom, problemReference } from './problem.ts';

const tags = ['configuration'];
const versionParams = closed({ version: Type.Integer({ minimum: 1 }) });
const pushParams = closed({ push: Type.Integer({ minimum: 1 }) });
const started = closed({ push: Type.Integer({ minimum: 1 }) });
/** JSON needs up to six characters for one. */
const bodyLimit = 2 * maxConfigBytes;

/** Site configurations: versions, pushes in waves, and where each gateway stands. */
export function configPlugin(config: FleetConfigService) {
  return (app: HubApp, _options: unknown, done: () => void): void => {
    addReads(app, config);
    app.post(
      apiPaths.configVersions,
      {
        bodyLimit,
        config: { access: 'fleet.configure' },
        schema: {
          tags,
          summary: 'Keeps a configuration as the next version; no gateway gets it yet',
          body: newConfigVersion,
          response: { 200: configVersion, default: problemReference },
        },
      },
      async (request) => {
        const author = sessionOf(request).username;
        return orProblem(await config.add({ ...request.body, author }));
      },
    );
    app.post(
      apiPaths.configPushes,
      {
        config: { access: 'fleet.configure' },
        schema: {
          tags,
          summary: 'Pushes a version to gateways, wave by wave; refusal stops it',
          body: newConfigPush,
          response: { 200: started, default: problemReference },
        },
      },
      async (request) => {
        const author = sessionOf(request).username;
        return { push: orProblem(await config.push({ ...request.body, author })) };
      },
    );
    app.post(
      apiPaths.configPushCancel,
      {
        config: { access: 'fleet.configure' },
        schema: {
          tags,
          summary: 'Begins no further wave of a push; gateways that have the version keep it',
          params: pushParams,
          response: { 204: Type.Null(), default: problemReference },
        },
      },
      async (request, reply) => {
        orProblem(await config.cancel(request.params.push, sessionOf(request).username));
        return reply.code(204).send(null);
      },
    );
    done();
  };
}

function addReads(app: HubApp, config: FleetConfigService): void {
  const access = 'fleet.configure' as const;
  app.get(
    apiPaths.fleetConfig,
    {
      config: { access: 'fleet.read' },
      schema: {
        tags,
        summary: 'Where each gateway stands with its configuration: in step, drift, refusals',
        response: { 200: fleetConfig, default: problemReference },
      },
    },
    () => config.fleet(),
  );
  app.get(
    apiPaths.configPushes,
    {
      config: { access: 'fleet.read' },
      schema: {
        tags,
        summary: 'The latest pushes, with what became of them at each gateway',
        response: { 200: configPushes, default: problemReference },
      },
    },
    () => config.pushes(),
  );
  app.get(
    apiPaths.configVersions,
    {
      config: { access },
      schema: {
        tags,
        summary: 'The latest versions, newest first, without their texts',
        response: { 200: configVersions, default: problemReference },
      },
    },
    async () => ({ versions: await config.versions() }),
  );
  app.get(
    apiPaths.configVersion,
    {
      config: { access },
      schema: {
        tags,
        summary: 'One version with its text',
        params: versionParams,
        response: { 200: configVersionText, default: problemReference },
      },
    },
    async (request) => orProblem(await config.version(request.params.version)),
  );
}

function orProblem<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw faultFrom(result.refusal);
}
