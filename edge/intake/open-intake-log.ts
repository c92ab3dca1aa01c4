import { resumeIntakeLog, type IntakeLog, type IntakeLogOptions } from './intake-log.ts';
import { openIntakeStore, type IntakeStore } from './intake-store.ts';

export interface OpenIntakeLogOptions extends IntakeLogOptions {
  readonly path: string;
  readonly openStore?: (path: string) => IntakeStore;
}

/** @throws Fault as `openDatabase`; STORE_BROKEN when the last batch is damaged. */
export function openIntakeLog(options: OpenIntakeLogOptions): IntakeLog {
  const store = (options.openStore ?? openIntakeStore)(options.path);
  return resumeIntakeLog(options, store);
}
