import type { FloorBanner } from '#contracts/api/floor-api.ts';
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
  return [intakeWords(banner), hubWords(banner, nowMs), clockWords(banner)].filter(
    (words) => words !== undefined,
  );
}

/** `room for 9 days`; a short room is in hours, an unknown one in bytes. */
export function roomWords({ room }: FloorBanner): string {
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
      return { tone: 'warn', title: `Hub away${since}`, text: `${kept}. Carry on.` };
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

function intakeWords({ intake }: FloorBanner): BannerWords | undefined {
  if (intake.state === 'open') return undefined;
  return {
    tone: 'bad',
    title: 'The gateway takes nothing in right now',
    text: `${intake.reason ?? 'Its store has trouble'}. Devices keep what they read; tell whoever looks after the gateway.`,
  };
}

function clockWords({ clockAheadMs }: FloorBanner): BannerWords | undefined {
  if (clockAheadMs < 60_000) return undefined;
  return {
    tone: 'warn',
    title: 'The clock of the gateway is wrong',
    text: `It is ${formatDuration(clockAheadMs)} behind. Events are marked, and order is kept.`,
  };
}
