import { resolve } from 'node:path';
import { Fault } from '#contracts/fault.ts';
import { deviceProfiles, profileOf } from '../../devices/registry.ts';
import { systemClock } from '../clock.ts';
import type { GatewayConfig } from '../config/gateway-config.ts';
import { linkOwner, pkiFolder, plcSettings } from '../config/plc-settings.ts';
import { readSecretFile } from '../identity/secret-file.ts';
import type { Survey } from '../live/device-traffic.ts';
import { gatewayClient } from '../live/gateway-client.ts';
import { silentLog } from '../live/listen-to-plc.ts';
import { proposeDevices } from '../live/propose-devices.ts';
import { proposePlc } from '../live/propose-plc.ts';
import type { Command, CommandContext, CommandOptions } from './command.ts';
import { optionOf } from './option-of.ts';
import { ownConfig } from './own-config.ts';
import { secondsOf } from './seconds-of.ts';

export const discoverCommand: Command = {
  name: 'discover',
  options: {
    config: { value: 'FILE', required: true },
    device: { value: 'ID' },
    endpoint: { value: 'opc.tcp://HOST:PORT' },
    username: { value: 'NAME' },
    'password-file': { value: 'FILE' },
    seconds: { value: 'SECONDS' },
  },
  summary:
    'propose config: of what the running gateway hears over MQTT and whom it refuses; or, with ' +
    '--device or --endpoint, of what an OPC UA server has',
  async run(context, options) {
    const file = resolve(context.cwd, optionOf(options, 'config'));
    const config = ownConfig(context, file);
    if (options['endpoint'] === undefined && options['device'] === undefined) {
      return await discoverTraffic(context, options, config, file);
    }
    return await discoverPlc(context, options, config, file);
  },
};

async function discoverTraffic(
  context: CommandContext,
  options: CommandOptions,
  config: GatewayConfig,
  file: string,
): Promise<number> {
  const seconds = secondsOf(options);
  context.say(`Listening to all devices for ${seconds} s.`);
  const answer = await gatewayClient(config, file, profileOf).ask(
    'GET',
    `/traffic?seconds=${seconds}`,
  );
  const survey = (await answer.json()) as Survey;
  const { notes, yaml } = proposeDevices(config, survey, [...deviceProfiles.values()]);
  for (const note of notes) context.say(note);
  if (notes.length === 0 && yaml === '') context.say('Nobody called and nothing was heard.');
  if (yaml !== '') await context.out(yaml);
  return 0;
}

async function discoverPlc(
  context: CommandContext,
  options: CommandOptions,
  config: GatewayConfig,
  file: string,
): Promise<number> {
  const link = linkOf(context, options, config);
  const { browseServer } = await import('../../devices/plc/browse-server.ts');
  const { faultIn } = await import('../../devices/plc/link-fault.ts');
  context.say(`Looking through ${link.endpoint}.`);
  const parts = { ...link, clock: systemClock, log: silentLog };
  const looking = browseServer(parts, new AbortController().signal);
  const nodes = await looking.catch((error: unknown) => {
    if (faultIn(error)?.code === 'server-certificate-untrusted') {
      context.say(`certificates trust needs --config ${file} too; then discover again.`);
    }
    throw error;
  });
  const { others, yaml } = proposePlc(link.device, link.endpoint, nodes);
  await context.out(yaml);
  context.say(`${nodes.length} nodes were found.`);
  for (const other of others) context.say(`  also there: ${other}`);
  return 0;
}

/** How to call a server: as its device is configured, or as this call says. */
function linkOf(
  { cwd }: CommandContext,
  { device: id = 'new-plc', endpoint, 'password-file': file, username }: CommandOptions,
  config: GatewayConfig,
) {
  const device = config.devices.find((one) => one.id === id);
  const secret = (path: string) => readSecretFile(path, 'the OPC UA password').trim();
  const known = device && plcSettings(config, device, secret);
  if (endpoint === undefined && known === undefined) {
    throw new Fault('NOT_FOUND', `no device ${id} with opcua: name its --endpoint`);
  }
  if (endpoint !== undefined && !/^opc\.tcp:\/\/./.test(endpoint)) {
    throw new Fault('BAD_INPUT', '--endpoint begins with opc.tcp://');
  }
  return {
    // Its certificate is the one that the device will show once it is configured by this id.
    device: id,
    owner: linkOwner(config),
    pkiDir: pkiFolder(config, id),
    ...(known?.username !== undefined && { username: known.username }),
    ...(known?.password !== undefined && { password: known.password }),
    ...(known?.trustFirst !== undefined && { trustFirst: known.trustFirst }),
    ...(known?.expiredServerCertificate !== undefined && {
      expiredServerCertificate: known.expiredServerCertificate,
    }),
    ...(username !== undefined && { username }),
    ...(file !== undefined && { password: secret(resolve(cwd, file)) }),
    endpoint: endpoint ?? known?.endpoint ?? '',
  };
}
