import type { QuarantineReason } from '../../devices/profile.ts';

/** How many messages of a device were quarantined, and when each reason was last said. */
export type QuarantineLog = {
  readonly count: number;
  readonly saidAtMs: { readonly [R in QuarantineReason]?: number };
};

/** Every message goes to quarantine; the journal hears of each reason of a device this often. */
const sayEveryMs = 60_000;

export function noteQuarantined(
  log: QuarantineLog | undefined,
  reason: QuarantineReason,
  nowMs: number,
): { readonly log: QuarantineLog; readonly say: boolean } {
  const { count, saidAtMs } = log ?? { count: 0, saidAtMs: {} };
  const last: number | undefined = saidAtMs[reason];
  const say = last === undefined || nowMs - last >= sayEveryMs;
  return {
    log: { count: count + 1, saidAtMs: say ? { ...saidAtMs, [reason]: nowMs } : saidAtMs },
    say,
  };
}
