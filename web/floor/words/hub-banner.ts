import type { FloorBanner } from '#contracts/api/floor-banner-api.ts';
import { countOf, formatBytes } from '../../format/numbers.ts';
import { formatDuration, formatMinute } from '../../format/times.ts';
import type { Tone } from '../../ui/shapes.ts';

export interface BannerWords {
  readonly tone: Extract<Tone, 'warn' | 'bad'>;
  readonly title: string;
  readonly text: string;
}

/** What a person on the floor must know of hub and gateway; the worst first, none: all is well. */
export function bannerWords(banner: FloorBanner, nowMs: number): readonly BannerWords[] {
  const all = [
    intakeWords(banner),
    journalWords(banner),
    hubWords(banner, nowMs),
    clockWords(banner),
    overrideWords(banner, nowMs),
  ].filter((words) => words !== undefined);
  return all.toSorted((a, b) => Number(b.tone === 'bad') - Number(a.tone === 'bad'));
}

/** `room for 9 days`; a short room is in hours, an unknown one in bytes. */
export function roomWords({ room }: FloorBanner): string {
  if (room.bytes === 0) return 'no room left';
  if (room.days === null) return `${formatBytes(room.bytes)} free`;
  if (room.days >= 400) return 'room for over a year';
  if (room.days >= 2) return `room for ${countOf(Math.floor(room.days), 'day')}`;
  const hours = Math.floor(room.days * 24);
  return hours === 0 ? 'room for under an hour' : `room for ${countOf(hours, 'hour')}`;
}

function hubWords(banner: FloorBanner, nowMs: number): BannerWords | undefined {
  const { hub, queuedEvents } = banner;
  const kept = `${countOf(queuedEvents, 'event')} kept here, ${roomWords(banner)}`;
  switch (hub.state) {
    case 'live':
      return undefined;
    case 'draining':
      // What is sent within a moment is no news.
      return queuedEvents < 500
        ? undefined
        : {
            tone: 'warn',
            title: 'Catching up with the hub',
            text: `${countOf(queuedEvents, 'event')} still to send. Carry on.`,
          };
    case 'away': {
      const since = hub.sinceMs === null ? '' : ` since ${formatMinute(hub.sinceMs, nowMs)}`;
      const title = `Hub away${since}`;
      // What is red beside it says what to do.
      if (takesNothing(banner)) return { tone: 'warn', title, text: `${kept}.` };
      if (!isRoomShort(banner)) return { tone: 'warn', title, text: `${kept}. Carry on.` };
      return {
        tone: 'bad',
        title: `${title}, and room runs out`,
        text: `${kept}. Carry on, and tell whoever looks after the gateway now: when the room is used up, it takes nothing more in.`,
      };
    }
    case 'halted':
      return {
        tone: 'bad',
        title: 'Sending to the hub is halted',
        text: `${kept}. Carry on, and tell whoever looks after the gateway: ${
          hub.reason ?? 'its page says why'
        }.`,
      };
  }
}

const holdWords: Readonly<Record<string, string>> = {
  'disk-full': 'Its disk is full',
  'disk-error': 'Its disk fails',
};

function intakeWords({ intake }: FloorBanner): BannerWords | undefined {
  if (intake.state === 'open') return undefined;
  const why = holdWords[intake.reason ?? ''] ?? intake.reason ?? 'Its store has trouble';
  return {
    tone: 'bad',
    title: 'The gateway takes nothing in right now',
    text: `${why}. Devices keep what they read, and what you do waits on this device. Tell whoever looks after the gateway.`,
  };
}

/** Where intake is held, that says it all. */
function journalWords({ intake, journal }: FloorBanner): BannerWords | undefined {
  if (journal === 'open' || intake.state === 'held') return undefined;
  return {
    tone: 'bad',
    title: 'The gateway has no room to go on',
    text: 'What devices read is kept, and comes into the book later; what you do waits. Tell whoever looks after the gateway.',
  };
}

function overrideWords({ override }: FloorBanner, nowMs: number): BannerWords | undefined {
  if (override === null) return undefined;
  const { by, deferred, reason, untilMs } = override;
  const waits = deferred ? ' What the hub sent since waits for that.' : '';
  return {
    tone: 'warn',
    title: `Local configuration until ${formatMinute(untilMs, nowMs)}`,
    text: `${by}: ${reason}. Then the former one comes back by itself.${waits}`,
  };
}

function takesNothing({ intake, journal }: FloorBanner): boolean {
  return intake.state === 'held' || journal === 'blocked';
}

const shortDays = 1;
const shortBytes = 500_000_000;

/** Before the rate is known, a small room is short too. */
function isRoomShort({ room }: FloorBanner): boolean {
  return room.days === null ? room.bytes < shortBytes : room.days < shortDays;
}

function clockWords({ clockAheadMs, clockDoubt }: FloorBanner): BannerWords | undefined {
  const title = 'The clock of the gateway is wrong';
  if (clockDoubt?.reason === 'unset') {
    const text =
      'It was never set. Times of events are marked and corrected once it is; order is kept. Tell whoever looks after the gateway.';
    return { tone: 'warn', title, text };
  }
  if (clockDoubt === undefined && clockAheadMs < 60_000) return undefined;
  const text = `It is ${formatDuration(clockAheadMs)} behind what was known. Times of events are marked and corrected once it is right; order is kept.`;
  return { tone: 'warn', title, text };
}
