import type { GatewayAddress } from '#contracts/subjects.ts';
import { siteConfigText, type SiteConfigText } from '../../edge/config/site-config.ts';

const mebibyte = 1_048_576;

/** A site of the campaign as its observers see it: a dock, two scanners, goods in bulk. */
export function campaignSite({ gateway, site, tenant }: GatewayAddress): SiteConfigText {
  const scanner = (id: string) =>
    ({ id, profile: 'mqtt-scanner', buffers: true, silentAfterMs: 60_000, zone: 'dock' }) as const;
  return siteConfigText({
    gateway: { tenant, site, id: gateway },
    dataDir: '/',
    hub: { servers: ['nats://hub'], loginSeedFile: '', signingKeyFile: '', publicKey: '' },
    mqtt: { host: '', port: 0, maxConnections: 10 },
    http: { host: '', port: 0, tokenFile: '' },
    disk: { intakeBudgetBytes: mebibyte, floorBytes: mebibyte, reserveBytes: mebibyte },
    observe: { minReads: 2, absentAfterMs: 4000, moveReads: 2, passWindowMs: 1500 },
    posting: { receive: 'post', move: 'post', ship: 'post', confirmReads: 3 },
    zones: [{ id: 'dock', status: 'receiving' }],
    portals: [],
    items: [{ item: 'screw-m4', tracking: 'bulk' }],
    devices: [scanner('scan-a'), scanner('scan-b')],
  });
}
