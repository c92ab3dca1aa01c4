import type { Refusal } from '#contracts/fault.ts';
import type { ConfigCheck } from '../config/load-config.ts';

/** Where a running gateway's config comes from. */
export interface ConfigSource {
  /** The gateway's config file, absolute. */
  readonly file: string;
  /** Why the file itself is not in force, where the start had to do without it. */
  readonly refused?: Refusal;
  /** Looks through a text as if it stood in the file; without one, what the file holds now. */
  readonly check: (text: string | undefined) => ConfigCheck;
}
