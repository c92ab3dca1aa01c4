import {
  listCertificatesCommand,
  rejectCertificateCommand,
  renewCertificateCommand,
  trustCertificateCommand,
} from './certificate-commands.ts';
import { acceptClockCommand, showClockCommand } from './clock-commands.ts';
import type { Command } from './command.ts';
import { supportBundleCommand } from './support-bundle-command.ts';
import { applyCommand } from './config-apply-command.ts';
import { checkCommand, runCommand, schemaCommand } from './config-commands.ts';
import { discoverCommand } from './device-discover-command.ts';
import { testDeviceCommand } from './device-test-command.ts';
import {
  listEvidenceCommand,
  showEvidenceCommand,
  verifyEvidenceCommand,
} from './evidence-commands.ts';
import {
  exportIntakeCommand,
  exportJournalCommand,
  verifyJournalCommand,
} from './export-commands.ts';
import { enrollCommand } from './enroll-command.ts';
import { initCommand } from './init-command.ts';
import {
  beginOverrideCommand,
  endOverrideCommand,
  showOverrideCommand,
} from './override-commands.ts';
import { replaceCommand } from './replace-command.ts';
import { rotateKeyCommand } from './rotate-key-command.ts';
import { rotateLoginCommand } from './rotate-login-command.ts';
import {
  addPersonCommand,
  listPeopleCommand,
  renewPersonCommand,
  revokePersonCommand,
} from './people-commands.ts';

/** Every command of `npm run gateway`, in the order in which help shows them. */
export const allCommands: readonly Command[] = [
  runCommand,
  checkCommand,
  applyCommand,
  beginOverrideCommand,
  endOverrideCommand,
  showOverrideCommand,
  testDeviceCommand,
  discoverCommand,
  schemaCommand,
  initCommand,
  enrollCommand,
  replaceCommand,
  rotateLoginCommand,
  rotateKeyCommand,
  exportIntakeCommand,
  exportJournalCommand,
  verifyJournalCommand,
  listCertificatesCommand,
  trustCertificateCommand,
  rejectCertificateCommand,
  renewCertificateCommand,
  showClockCommand,
  acceptClockCommand,
  supportBundleCommand,
  listEvidenceCommand,
  showEvidenceCommand,
  verifyEvidenceCommand,
  listPeopleCommand,
  addPersonCommand,
  renewPersonCommand,
  revokePersonCommand,
];
