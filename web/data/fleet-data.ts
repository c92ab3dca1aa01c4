import type { Fleet } from '#contracts/api/fleet-api.ts';
import type { GatewayQuarantine } from '#contracts/api/quarantine-api.ts';
import type { ConsoleClock } from '../console-clock.ts';
import { apiUrls, gatewayQuarantineUrl } from '../paths.ts';
import type { ApiClient } from './api-client.ts';
import type { HubStream } from './hub-stream.ts';
import type { HubTime } from './hub-time.ts';
import { LiveResource } from './live-resource.ts';

/** Gateways, devices and open alerts, kept current. */
export type FleetData = LiveResource<Fleet>;

export function createFleetData(
  api: ApiClient,
  clock: ConsoleClock,
  hubTime: HubTime,
  stream: HubStream,
): FleetData {
  return new LiveResource(clock, stream, 'fleet', async (signal) => {
    const answer = await api.get<Fleet>(apiUrls.fleet, signal);
    if (answer.ok) hubTime.observe(answer.value.asOfMs);
    return answer;
  });
}

/** Why something of one gateway is in quarantine, kept current. */
export type QuarantineData = LiveResource<GatewayQuarantine>;

export function createQuarantineData(
  api: ApiClient,
  clock: ConsoleClock,
  stream: HubStream,
  gateway: string,
): QuarantineData {
  return new LiveResource(clock, stream, 'fleet', (signal) =>
    api.get<GatewayQuarantine>(gatewayQuarantineUrl(gateway), signal),
  );
}
