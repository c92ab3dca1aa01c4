import { isIP } from 'node:net';
import type { ConfigFault } from '#contracts/config-fault.ts';
import type { Sound } from '#contracts/sound-part.ts';
import type { GatewayConfig } from './gateway-config.ts';

/** Proxies are named by address or network; everybody is no proxy. */
export function proxyFaults({ http }: Sound<GatewayConfig>): ConfigFault[] {
  return (http?.trustedProxies ?? []).flatMap((value, index) => {
    if (value === undefined || isNetwork(value)) return [];
    return [
      {
        path: `/http/trustedProxies/${index}`,
        value,
        message: 'is no address and no network',
        remedy: 'Write it as 10.0.0.7 or 10.0.0.0/8.',
      },
    ];
  });
}

function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const width = { 4: 32, 6: 128 }[isIP(address)];
  if (width === undefined || more.length > 0) return false;
  if (bits === undefined) return true;
  return /^\d{1,3}$/.test(bits) && Number(bits) >= 1 && Number(bits) <= width;
}
