import { describe, expect, test } from 'vitest';
import { ManualClock } from '../testing/manual-clock.ts';
import { HubStream, silenceMs } from './hub-stream.ts';
import { HubTime } from './hub-time.ts';

class FakeChannel extends EventTarget {
  closed = false;

  close(): void {
    this.closed = true;
  }
}

function streamOf(clock: ManualClock) {
  const channels: FakeChannel[] = [];
  const stream = new HubStream(clock, new HubTime(clock), () => {
    const channel = new FakeChannel();
    channels.push(channel);
    return channel;
  });
  const last = () => {
    const channel = channels.at(-1);
    if (channel === undefined) throw new Error('no channel was opened');
    return channel;
  };
  return { stream, channels, last };
}

const word = (topic: string, atMs: number) =>
  new MessageEvent<string>('message', { data: JSON.stringify({ topic, atMs, sites: ['lyon'] }) });

describe('the stream', () => {
  test('tells what changed, and as of when the rest is true', () => {
    const { stream, last } = streamOf(new ManualClock(0));
    const heard: string[] = [];
    stream.changed.add((topic) => heard.push(topic));
    stream.start();
    last().dispatchEvent(word('stock', 5000));
    expect(heard).toEqual(['stock']);
    expect(stream.state).toBe('live');
    expect(stream.lastTickMs).toBe(5000);
  });

  test('counts every connection as a change of everything', () => {
    const { stream, last } = streamOf(new ManualClock(0));
    const heard: string[] = [];
    stream.changed.add((topic) => heard.push(topic));
    stream.start();
    last().dispatchEvent(new Event('open'));
    expect(heard).toEqual(['stock', 'fleet', 'outages']);
  });

  test('connects again after an error, later each time', async () => {
    const clock = new ManualClock(0);
    const { stream, channels, last } = streamOf(clock);
    stream.start();
    last().dispatchEvent(new Event('error'));
    expect(stream.state).toBe('lost');
    await clock.pass(500);
    expect(channels).toHaveLength(2);
    last().dispatchEvent(new Event('error'));
    await clock.pass(999);
    expect(channels).toHaveLength(2);
    await clock.pass(1);
    expect(channels).toHaveLength(3);
  });

  test('that says nothing for too long is taken for dead', async () => {
    const clock = new ManualClock(0);
    const { stream, channels, last } = streamOf(clock);
    stream.start();
    last().dispatchEvent(new Event('open'));
    await clock.pass(silenceMs);
    expect(stream.state).toBe('lost');
    expect(channels[0]?.closed).toBe(true);
  });

  test('that is stopped neither stays open nor comes back', async () => {
    const clock = new ManualClock(0);
    const { stream, channels } = streamOf(clock);
    stream.start();
    stream.stop();
    await clock.pass(60_000);
    expect(channels).toHaveLength(1);
    expect(channels[0]?.closed).toBe(true);
  });

  test('ignores words that it does not understand', () => {
    const { stream, last } = streamOf(new ManualClock(0));
    stream.start();
    last().dispatchEvent(new MessageEvent('message', { data: 'not json' }));
    expect(stream.lastTickMs).toBeUndefined();
  });
});
