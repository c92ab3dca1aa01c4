import { Fault } from '#contracts/fault.ts';
import { profileOf } from '../../devices/registry.ts';
import { describeFault } from '#contracts/config-fault.ts';
import type { GatewayConfig } from '../config/gateway-config.ts';
import { configFaultsOf, loadConfig } from '../config/load-config.ts';
import type { CommandContext } from './command.ts';

/** The config of a gateway's own file. @throws Fault CONFIG_INVALID, having said every fault. */
export function ownConfig(context: CommandContext, file: string): GatewayConfig {
  const loaded = loadConfig(file, profileOf);
  if (loaded.ok) return loaded.value;
  const { code, details, message } = loaded.refusal;
  for (const fault of configFaultsOf(details)) context.say(`  ${describeFault(fault)}`);
  throw new Fault(code, message);
}
