import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { EnrolmentToken } from '#contracts/enrolment.ts';
import { Fault } from '#contracts/fault.ts';
import { profileOf } from '../../devices/registry.ts';
import type { GatewayConfig } from '../config/gateway-config.ts';
import { loadConfig } from '../config/load-config.ts';
import { starterConfig } from '../config/starter-config.ts';
import { loadIdentity, type Identity } from '../identity/identity.ts';
import { writeNewFile } from '../identity/secret-file.ts';
import { askToEnrol } from './ask-to-enrol.ts';
import { prepareBox, writeHubCa } from './prepare-box.ts';

/** What a person wants to see of a finished enrolment; no secret. */
interface Enrolled {
  readonly config: string;
  readonly tenant: string;
  readonly site: string;
  readonly gateway: string;
  readonly publicNkey: string;
  readonly signingPublicKey: string;
  readonly keyId: string;
  readonly natsServers: readonly string[];
  /** What somebody at the hub still has to do. */
  readonly pending?: string | undefined;
}

/**
 * Makes a folder the home of a gateway: keys, the hub's word that it takes them, config. Keys that
 * are there are kept and the config comes last, so what was interrupted is finished by the same
 * call. A folder that has a config is left as it is; of the same gateway, it is asked for again.
 *
 * @throws Fault CONFLICT, and those of `askToEnrol`.
 */
export async function enrol(of: {
  readonly dir: string;
  readonly token: EnrolmentToken;
}): Promise<Enrolled> {
  const { dir, token } = of;
  const config = join(dir, 'gateway.yaml');
  if (existsSync(config)) return await enrolAgain(config, token);
  const identity = prepareBox(dir);
  const answer = await askToEnrol(token, identity);
  const ca = answer.ca ?? token.ca;
  writeHubCa(dir, ca);
  const { tenant, site, gateway: id } = token;
  const text = starterConfig({
    tenant,
    site,
    id,
    hubServers: answer.natsServers,
    hubPublicKey: token.hubKey,
    hubApiUrls: token.hubUrls,
    ...(ca !== undefined && { hubCaFile: 'hub-ca.pem' }),
  });
  writeNewFile(config, text, 0o644);
  return shown(config, token, identity, answer);
}

function shown(
  config: string,
  { tenant, site, gateway }: EnrolmentToken,
  { publicNkey, signingPublicKey, keyId }: Identity,
  { natsServers, pending }: { natsServers: readonly string[]; pending?: string | undefined },
): Enrolled {
  const keys = { publicNkey, signingPublicKey, keyId };
  return { config, tenant, site, gateway, ...keys, natsServers, pending };
}

/** A finished enrolment, said again: the answer may have been lost on its way to the person. */
async function enrolAgain(file: string, token: EnrolmentToken): Promise<Enrolled> {
  const loaded = loadConfig(file, profileOf);
  if (!loaded.ok || !isSameGateway(loaded.value, token)) {
    throw new Fault('CONFLICT', `${file} exists already, is not of this token, and is kept`);
  }
  const identity = loadIdentity(loaded.value.hub);
  return shown(file, token, identity, await askToEnrol(token, identity));
}

function isSameGateway({ gateway, hub }: GatewayConfig, token: EnrolmentToken): boolean {
  return (
    gateway.tenant === token.tenant &&
    gateway.site === token.site &&
    gateway.id === token.gateway &&
    hub.publicKey === token.hubKey
  );
}
