import type { ConfigStanding } from '#contracts/api/config-api.ts';
import type { DownlinkOutcome } from '#contracts/downlink.ts';
import type { DownlinkState } from '../downlink/downlink-book.ts';

/** A version that a gateway was given, newest first. */
export interface GivenVersion {
  readonly version: number;
  readonly outcome: DownlinkOutcome | undefined;
}

/** Where a gateway stands between what it was given and what it says is in force. */
export function standingOf(
  gateway: { readonly site: string; readonly gateway: string },
  given: readonly GivenVersion[],
  state: DownlinkState | undefined,
): ConfigStanding {
  const report = state?.report.config;
  const [last] = given;
  const inForce = given.find(
    ({ outcome }) =>
      (outcome?.result === 'applied' || outcome?.result === 'trial') &&
      outcome.inForce === report?.hash,
  );
  return {
    site: gateway.site,
    gateway: gateway.gateway,
    standing: wordOf(last, state),
    owner: report?.owner ?? null,
    wantedVersion: last?.version ?? null,
    inForceVersion: inForce?.version ?? null,
    inForceHash: report?.hash ?? null,
    appliedAt: report?.appliedAtMs ?? null,
    trialUntil: report?.trialUntilMs ?? null,
    heardAt: state?.heardAt ?? null,
    override: overrideOf(given, report),
    refused: refusalOf(last, report),
  };
}

function wordOf(
  last: GivenVersion | undefined,
  state: DownlinkState | undefined,
): ConfigStanding['standing'] {
  const report = state?.report.config;
  if (report === undefined) return last === undefined ? 'unknown' : 'on-the-way';
  if (report.override !== undefined) return 'override';
  if (last?.outcome === undefined && last !== undefined) return 'on-the-way';
  if (report.owner === 'file') return 'file';
  if (last?.outcome === undefined) return 'none';
  const { inForce, result } = last.outcome;
  if (result === 'refused' || result === 'returned') return result;
  // Its override ended, and what became of the version is still on its way here.
  if (result === 'deferred') return 'on-the-way';
  if (inForce !== report.hash) return 'drift';
  return result === 'trial' ? 'trial' : 'in-step';
}

function overrideOf(
  given: readonly GivenVersion[],
  report: DownlinkState['report']['config'],
): ConfigStanding['override'] {
  if (report?.override === undefined) return null;
  const { by, reason, sinceMs: since, untilMs: until } = report.override;
  const deferred = given.find(({ outcome }) => outcome?.result === 'deferred');
  return { by, reason, since, until, deferredVersion: deferred?.version ?? null };
}

/** Why the last version is not in force, or why the gateway last kept what it had. */
function refusalOf(
  last: GivenVersion | undefined,
  report: DownlinkState['report']['config'],
): ConfigStanding['refused'] {
  const outcome = last?.outcome;
  if (outcome?.result === 'refused' || outcome?.result === 'returned') {
    const { atMs, code = 'CONFLICT', faults = [], text = '' } = outcome;
    return { version: last?.version ?? null, code, text, atMs, faults };
  }
  if (report?.refused === undefined) return null;
  const { atMs, code, faults, text } = report.refused;
  return { version: null, code, text, atMs, faults };
}
