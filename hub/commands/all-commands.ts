import type { Command } from './command.ts';
import { checkCommand, publicKeyCommand, schemaCommand } from './config-commands.ts';
import { gatewayAddCommand, gatewayListCommand } from './gateway-commands.ts';
import { initCommand } from './init-command.ts';
import { exportLaneCommand } from './lane-commands.ts';
import { quarantineCountCommand, quarantineListCommand } from './quarantine-commands.ts';
import { rebuildCommand } from './rebuild-command.ts';
import { runCommand } from './run-command.ts';
import { resetPasswordCommand } from './user-commands.ts';

/** Every command of `npm run hub`, in the order in which help shows them. */
export const allCommands: readonly Command[] = [
  runCommand,
  initCommand,
  checkCommand,
  schemaCommand,
  publicKeyCommand,
  gatewayAddCommand,
  gatewayListCommand,
  resetPasswordCommand,
  rebuildCommand,
  exportLaneCommand,
  quarantineListCommand,
  quarantineCountCommand,
];
