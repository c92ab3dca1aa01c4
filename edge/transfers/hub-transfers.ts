import type { Logger } from 'pino';
import { describeFaults } from '#contracts/config-faults.ts';
import { messageOf } from '#contracts/fault.ts';
import { transferNotices, type TransferNotice } from '#contracts/transfers.ts';
import type { DownlinkTarget, TakenEntry, TargetOutcome } from '../downlink/downlink-target.ts';
import type { IntakeBody } from '../intake/intake-entry.ts';

/** Takes what the hub tells of goods between gateways into the intake log, like everything else. */
export class HubTransfers implements DownlinkTarget {
  readonly #append: (body: IntakeBody) => Promise<unknown>;
  readonly #log: Logger;

  /** @param of.append resolves once the entry is on disk */
  constructor(of: {
    readonly append: (body: IntakeBody) => Promise<unknown>;
    readonly log: Logger;
  }) {
    this.#append = of.append;
    this.#log = of.log;
  }

  async take({ content }: TakenEntry): Promise<TargetOutcome> {
    const notices = readNotices(content);
    if (typeof notices === 'string') {
      this.#log.error({ reason: notices }, 'transfers.refused');
      return { result: 'refused', code: 'BAD_INPUT', text: notices.slice(0, 500) };
    }
    await this.#append({ type: 'transfers', notices });
    return { result: 'applied' };
  }
}

/** @returns what is wrong with it. */
function readNotices(content: string): readonly TransferNotice[] | string {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch (error) {
    return `it is no JSON: ${messageOf(error)}`;
  }
  const [fault] = describeFaults(transferNotices, value);
  if (fault !== undefined) return `${fault.path} is not as it should be: ${fault.remedy}`;
  return value as readonly TransferNotice[];
}
