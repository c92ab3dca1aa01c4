import type { Clock } from '#contracts/time.ts';
import type { SiteConfigText } from '../config/site-config.ts';
import type { ClockDoubt } from './intake-entry.ts';
import type { IntakeLog } from './intake-log.ts';

/** Begins a process in the intake log: how the one before ended, and the site config if it is new. */
export function appendBoot(
  intake: IntakeLog,
  { hash, text }: SiteConfigText,
  version: string,
  clock: Clock,
  doubt?: ClockDoubt,
): void {
  const { lastReceivedAtMs: lastAliveMs, stoppedClean: clean } = intake;
  const nowMs = clock.nowMs();
  const first = intake.lastPos === 0;
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
