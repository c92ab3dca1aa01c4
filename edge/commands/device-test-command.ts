import { resolve } from 'node:path';
import { Fault } from '#contracts/fault.ts';
import { profileOf } from '../../devices/registry.ts';
import type { DeviceConfig, GatewayConfig } from '../config/gateway-config.ts';
import type { WatchLine, WatchSummary } from '../live/device-traffic.ts';
import { deviceVerdict, type Heard } from '../live/device-verdict.ts';
import { gatewayClient } from '../live/gateway-client.ts';
import { listenToPlc } from '../live/listen-to-plc.ts';
import type { Command, CommandContext } from './command.ts';
import { optionOf } from './option-of.ts';
import { ownConfig } from './own-config.ts';
import { secondsOf } from './seconds-of.ts';

export const testDeviceCommand: Command = {
  name: 'test-device',
  word: 'ID',
  options: { config: { value: 'FILE', required: true }, seconds: { value: 'SECONDS' } },
  summary:
    'show what a device says for 10 s, as it is decoded, and what is wrong with it; PLCs are ' +
    'called from here, all others heard by the running gateway',
  async run(context, options, id) {
    if (id === undefined) throw new Fault('BAD_INPUT', 'name the device to test');
    const forMs = secondsOf(options) * 1000;
    const file = resolve(context.cwd, optionOf(options, 'config'));
    const config = ownConfig(context, file);
    const device = config.devices.find((one) => one.id === id);
    if (device === undefined) {
      const known = config.devices.map((one) => one.id).join(', ');
      throw new Fault('NOT_FOUND', `no device ${id} in ${file}; there are: ${known || 'none'}`);
    }
    context.say(`Listening to ${id} for ${forMs / 1000} s.`);
    const heard =
      device.opcua === undefined
        ? await hearByGateway(context, config, file, device, forMs)
        : await listenToPlc(config, device, forMs, (line) => context.out(JSON.stringify(line)));
    const { lines, ok } = deviceVerdict(device, heard);
    for (const line of lines) context.say(line);
    return ok ? 0 : 1;
  },
};

async function hearByGateway(
  context: CommandContext,
  config: GatewayConfig,
  file: string,
  { id }: DeviceConfig,
  forMs: number,
): Promise<Heard> {
  const client = gatewayClient(config, file, profileOf);
  const path = `/devices/${encodeURIComponent(id)}/messages?seconds=${forMs / 1000}`;
  const answer = await client.ask('GET', path);
  let summary: WatchSummary | undefined;
  for await (const text of linesOf(answer)) {
    const line = JSON.parse(text) as WatchLine;
    if (line.type === 'end') summary = line;
    else await context.out(JSON.stringify(line.item));
  }
  if (summary === undefined) throw new Fault('UNAVAILABLE', 'the gateway went away meanwhile');
  return { ...summary, faults: [] };
}

/** The lines of an answer, as they come. */
async function* linesOf({ body }: Response): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const bytes of body ?? []) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}
