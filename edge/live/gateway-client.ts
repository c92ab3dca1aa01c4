import { Fault, messageOf } from '#contracts/fault.ts';
import { faultCodes, type FaultCode } from '#contracts/fault-codes.ts';
import type { ProfileLookup } from '../config/cross-faults.ts';
import type { GatewayConfig } from '../config/gateway-config.ts';
import { readSecretFile } from '../identity/secret-file.ts';
import { readKeptConfig } from './kept-config.ts';

/** Speaks with the gateway that runs by a config file, as its own commands do. */
export interface GatewayClient {
  /** @throws Fault as the gateway says it, or UNAVAILABLE where none answers. */
  ask(method: 'GET' | 'POST', path: string, body?: string): Promise<Response>;
}

/**
 * @param config what the file holds. Where the gateway listens, its own record says: the file may
 *   have changed since.
 */
export function gatewayClient(
  config: GatewayConfig,
  file: string,
  profileOf: ProfileLookup,
): GatewayClient {
  const { http } = readKeptConfig(config.dataDir, file, profileOf)?.config ?? config;
  const token = readSecretFile(http.tokenFile, 'the token of the HTTP interface').trim();
  const url = `http://${hostOf(http.host)}:${http.port}`;
  return {
    async ask(method, path, body) {
      const headers = {
        authorization: `Bearer ${token}`,
        ...(body !== undefined && { 'content-type': 'application/yaml' }),
      };
      let answer: Response;
      try {
        answer = await fetch(`${url}${path}`, {
          method,
          headers,
          ...(body !== undefined && { body }),
        });
      } catch (cause) {
        const why = messageOf(cause instanceof Error ? (cause.cause ?? cause) : cause);
        throw new Fault('UNAVAILABLE', `no gateway answers at ${url}: ${why}`, { cause });
      }
      if (answer.ok) return answer;
      throw await faultOf(answer);
    },
  };
}

/** An address to listen at is not always one to call. */
function hostOf(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}

async function faultOf(answer: Response): Promise<Fault> {
  const said = (await answer.json().catch(() => ({}))) as Record<string, unknown>;
  const { code, message, ...details } = said;
  const known = typeof code === 'string' && Object.hasOwn(faultCodes, code);
  const text = typeof message === 'string' ? message : `the gateway answered ${answer.status}`;
  return new Fault(known ? (code as FaultCode) : 'INTERNAL', text, { details });
}
