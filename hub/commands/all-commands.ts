import type { Command } from './command.ts';
import {
  configCancelCommand,
  configPushCommand,
  configPushesCommand,
  configStatusCommand,
} from './config-push-commands.ts';
import {
  configAddCommand,
  configShowCommand,
  configVersionsCommand,
} from './config-version-commands.ts';
import { checkCommand, publicKeyCommand, schemaCommand } from './config-commands.ts';
import { gatewayAddCommand, gatewayListCommand, gatewayRevokeCommand } from './gateway-commands.ts';
import { gatewayLaneCommand, gatewayReleaseCommand } from './gateway-lane-commands.ts';
import { initCommand } from './init-command.ts';
import { exportLaneCommand } from './lane-commands.ts';
import { natsConfigCommand } from './nats-config-command.ts';
import { quarantineCountCommand, quarantineListCommand } from './quarantine-commands.ts';
import { rebuildCommand } from './rebuild-command.ts';
import { runCommand } from './run-command.ts';
import {
  addSitePersonCommand,
  changeSitePersonCommand,
  listSitePeopleCommand,
  revokeSitePersonCommand,
} from './site-people-commands.ts';
import { tokenCommand, tokenListCommand, tokenRevokeCommand } from './token-commands.ts';
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
  tokenCommand,
  tokenListCommand,
  tokenRevokeCommand,
  gatewayRevokeCommand,
  gatewayLaneCommand,
  gatewayReleaseCommand,
  natsConfigCommand,
  configAddCommand,
  configVersionsCommand,
  configShowCommand,
  configPushCommand,
  configPushesCommand,
  configCancelCommand,
  configStatusCommand,
  listSitePeopleCommand,
  addSitePersonCommand,
  changeSitePersonCommand,
  revokeSitePersonCommand,
  resetPasswordCommand,
  rebuildCommand,
  exportLaneCommand,
  quarantineListCommand,
  quarantineCountCommand,
];
