import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Fault } from '#contracts/fault.ts';
import { defaultTenant, parseGatewayId, parseSiteId, parseTenantId } from '#contracts/ids.ts';
import { starterConfig } from '../config/starter-config.ts';
import { isPublicKey } from '../identity/public-key.ts';
import { createIdentity } from '../identity/identity.ts';
import { writeSecretFile } from '../identity/secret-file.ts';
import type { Command } from './command.ts';
import { optionOf } from './option-of.ts';

export const initCommand: Command = {
  name: 'init',
  options: {
    dir: { value: 'DIR', required: true },
    site: { value: 'SITE', required: true },
    id: { value: 'GATEWAY', required: true },
    tenant: { value: 'TENANT' },
    'hub-server': { value: 'URL' },
    'hub-key': { value: 'KEY' },
  },
  summary: 'make keys, the token of the HTTP interface and a config file to begin with',
  async run(context, options) {
    const dir = resolve(context.cwd, optionOf(options, 'dir'));
    const values = {
      tenant: parseTenantId(options['tenant'] ?? defaultTenant),
      site: parseSiteId(optionOf(options, 'site')),
      id: parseGatewayId(optionOf(options, 'id')),
      hubServers: [hubServer(options['hub-server'])],
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

function hubServer(url = 'nats://127.0.0.1:4222'): string {
  if (/^(?:nats|tls|wss?):\/\/./.test(url) && URL.canParse(url)) return url;
  throw new Fault(
    'BAD_INPUT',
    `--hub-server "${url}" is not the address of a server: write nats://HOST:PORT, or tls://, ws://, wss://`,
  );
}

/** None may come later; a wrong one would only show when the hub's first receipt is refused. */
function hubKey(text = ''): string {
  if (text === '' || isPublicKey(text)) return text;
  throw new Fault(
    'BAD_INPUT',
    '--hub-key is not base64 of 32 bytes: use the publicKey that the hub printed at its init',
  );
}
