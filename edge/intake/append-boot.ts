import type { Clock } from '#contracts/time.ts';
import type { SiteConfigText } from '../config/site-config.ts';
import type { HoldNote } from './hold-note.ts';
import type { ClockDoubt } from './intake-entry.ts';
import type { IntakeLog } from './intake-log.ts';

/**
 * Begins a process in the intake log: how the one before ended, what it held until then, and the
 * site config if it is new.
 */
export function appendBoot(
  { intake, holdNote }: { readonly intake: IntakeLog; readonly holdNote?: HoldNote },
  { hash, text }: SiteConfigText,
  version: string,
  clock: Clock,
  doubt?: ClockDoubt,
): void {
  const { lastReceivedAtMs, stoppedClean: clean } = intake;
  const nowMs = clock.nowMs();
  const first = intake.lastPos === 0;
  const { untold } = holdNote ?? {};
  let lastAliveMs = lastReceivedAtMs;
  // What became durable after the hold began tells of it already.
  if (untold !== undefined && untold.sinceMs >= lastReceivedAtMs) {
    const { aliveMs, reason, sinceMs } = untold;
    lastAliveMs = Math.max(sinceMs, Math.min(aliveMs, nowMs));
    const told = () => holdNote?.told();
    intake.append({ type: 'intake', held: true, reason, sinceMs }, nowMs, told);
  } else holdNote?.told();
  intake.append(
    {
      type: 'boot',
      clean: clean || first,
      version,
      ...(!first && { lastAliveMs }),
      ...(doubt !== undefined && { clock: doubt }),
    },
    nowMs,
  );
  if (hash !== intake.configHash) {
    intake.append({ type: 'config', origin: 'file', hash, config: text }, nowMs);
  }
}
