import { describeFaults, pathText } from '#contracts/config-faults.ts';
import type { ConfigFault } from './config-fault.ts';
import { gatewayConfig } from './gateway-config.ts';

/** Every way in which a value is not of the form of a gateway's config, once each. */
export function schemaFaults(value: unknown): ConfigFault[] {
  return describeFaults(gatewayConfig, value).map((fault) => {
    // Of a missing key, `keys` lead to the object that lacks it; its name ends the path.
    const lacking = fault.path.slice(pathText(fault.keys).length).replace(/^\./, '');
    const keys = lacking === '' ? fault.keys : [...fault.keys, lacking];
    return {
      path: keys.map((key) => `/${pointerPart(key)}`).join(''),
      value: fault.value,
      message: lacking === '' ? 'does not fit' : 'is missing',
      remedy: `${fault.remedy.charAt(0).toUpperCase()}${fault.remedy.slice(1)}.`,
    };
  });
}

/** A JSON pointer escapes its own marks (RFC 6901, section 3). */
function pointerPart(key: string | number): string {
  return String(key).replaceAll('~', '~0').replaceAll('/', '~1');
}
