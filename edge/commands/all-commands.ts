import {
  listCertificatesCommand,
  rejectCertificateCommand,
  renewCertificateCommand,
  trustCertificateCommand,
} from './certificate-commands.ts';
import type { Command } from './command.ts';
import { checkCommand, runCommand, schemaCommand } from './config-commands.ts';
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
import { initCommand } from './init-command.ts';

/** Every command of `npm run gateway`, in the order in which help shows them. */
export const allCommands: readonly Command[] = [
  runCommand,
  checkCommand,
  schemaCommand,
  initCommand,
  exportIntakeCommand,
  exportJournalCommand,
  verifyJournalCommand,
  listCertificatesCommand,
  trustCertificateCommand,
  rejectCertificateCommand,
  renewCertificateCommand,
  listEvidenceCommand,
  showEvidenceCommand,
  verifyEvidenceCommand,
];
