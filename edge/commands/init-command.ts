import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Fault } from '#contracts/fault.ts';
import { defaultTenant, parseGatewayId, parseSiteId, parseTenantId } from '#contracts/ids.ts';
import { starterConfig } from '../config/starter-config.ts';
import { isPublicKey } from '../identity/public-key.ts';
import { createIdentity } from '../identity/identity.ts';
import { writeSecretFile } from '../identity/secret-file.ts';
import type { Command, CommandOptions } from './command.ts';

export const initCommand: Command = {
  name: 'init',
  usage: '--dir DIR --site SITE --id GATEWAY [--tenant T] [--hub-server URL] [--hub-key KEY]',
  summary: 'make keys, the token of the HTTP interface and a config file to begin with',
  async run(context, options) {
    const dir = resolve(context.cwd, required(options, 'dir'));
    const values = {
      tenant: parseTenantId(options['tenant'] ?? defaultTenant),
      site: parseSiteId(required(options, 'site')),
      id: parseGatewayId(required(options, 'id')),
      hubServers: [options['hub-server'] ?? 'nats://127.0.0.1:4222'],
      hubPublicKey: hubKey(options['hub-key']),
    };
    const config = join(dir, 'gateway.yaml');
    if (existsSync(config)) throw new Fault('CONFLICT', `${config} exists already and is kept`);
    const keys = join(dir, 'keys');
    mkdirSync(keys, { recursive: true, mode: 0o700 });
    const { identity } = createIdentity(keys);
    writeSecretFile(join(keys, 'http.token'), `${randomBytes(32).toString('base64url')}\n`);
    writeFileSync(config, starterConfig(values), { flag: 'wx' });
    const { publicNkey, signingPublicKey, keyId } = identity;
    await context.out(JSON.stringify({ config, publicNkey, signingPublicKey, keyId }));
    context.say(
      'Give publicNkey and signingPublicKey to the hub, and its public key to the config.',
    );
    return 0;
  },
};

/** None may come later; a wrong one would only show when the hub's first receipt is refused. */
function hubKey(text = ''): string {
  if (text === '' || isPublicKey(text)) return text;
  throw new Fault(
    'BAD_INPUT',
    '--hub-key is not base64 of 32 bytes: use the publicKey that the hub printed at its init',
  );
}

function required(options: CommandOptions, name: string): string {
  const value = options[name];
  if (value === undefined) throw new Fault('BAD_INPUT', `--${name} is missing`);
  return value;
}
