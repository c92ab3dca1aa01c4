import { request, type IncomingMessage } from 'node:http';
import { describe, expect, test } from 'vitest';
import { floorPaths } from '#contracts/api/floor-api.ts';
import { flowMessage, type FlowMessage } from '#contracts/api/floor-flow-api.ts';
import { faultsOf } from '#contracts/validate.ts';
import { ruuvi } from '../../devices/ruuvi/profile.ts';
import { epcs, gtin14, impinjBody, raw, scanBody } from '../observe/testing/test-site.ts';
import { until } from '../testing/test-parts.ts';
import { FlowSampler } from './flow-sampler.ts';
import { FlowTap } from './flow-tap.ts';
import { openFloor, person, type FloorClient } from './testing/floor-site.ts';

/** What a page hears: all messages so far, and whether the stream ended. */
async function listen({ cookie, origin }: FloorClient, device?: string) {
  const query = device === undefined ? '' : `?device=${device}`;
  const heard: FlowMessage[] = [];
  const state = { ended: false };
  const answer = await new Promise<IncomingMessage>((resolve) => {
    request(`${origin}${floorPaths.flow}${query}`, { headers: { cookie } }, resolve).end();
  });
  expect(answer.headers['content-type']).toBe('text/event-stream');
  expect(answer.headers['content-security-policy']).toContain("default-src 'none'");
  let text = '';
  answer.setEncoding('utf8').on('data', (part: string) => {
    text += part;
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      if (block.startsWith('data: ')) heard.push(JSON.parse(block.slice(6)) as FlowMessage);
    }
  });
  answer.on('close', () => (state.ended = true));
  const items = () => heard.flatMap((one) => (one.type === 'item' ? [one] : []));
  return { heard, items, state, close: () => answer.destroy() };
}

describe('the live flow', () => {
  test('shows what came, what it was read as, and what it led to', async () => {
    const { client, submit } = await openFloor();
    const flow = await listen(await client('mia'));
    await submit(impinjBody({ epc: epcs[0], antenna: 1 }));
    await submit(impinjBody({ epc: epcs[0], antenna: 1 }));
    await submit(scanBody('scan-00001', '(01)09521234543213'));
    await submit(raw('shelf', 'events', '{"eventType"'));
    await until(() => flow.items().length === 4);
    for (const one of flow.heard) expect(faultsOf(flowMessage, one)).toEqual([]);
    const [first, second, scan, broken] = flow.items().map(({ item }) => item);
    expect(first).toMatchObject({ device: 'shelf', channel: 'events', readings: 1, said: 0 });
    expect(first?.raw).toContain('"eventType":"tagInventory"');
    expect(first?.decoded[0]?.type).toBe('tag');
    expect(first?.decoded[0]?.text).toContain(`${epcs[0]}, GTIN ${gtin14} serial 6789`);
    expect(second?.events.map(({ kind }) => kind)).toContain('tag.appeared');
    expect(scan?.decoded).toEqual([
      { type: 'scan', text: '(01)09521234543213, GTIN 09521234543213' },
    ]);
    expect(broken?.trouble).toContain('malformed');
    expect(broken?.readings).toBe(0);
    flow.close();
  });

  test('of one device is of that device alone', async () => {
    const { client, submit } = await openFloor();
    const flow = await listen(await client('mia'), 'gun');
    await submit(impinjBody({ epc: epcs[0], antenna: 1 }));
    await submit(scanBody('scan-00001', 'A'));
    await until(() => flow.items().length === 1);
    expect(flow.items()[0]?.item.device).toBe('gun');
    flow.close();
  });

  test('of a flood shows some, and counts the rest', async () => {
    const { client, clock, submit } = await openFloor();
    const flow = await listen(await client('mia'));
    const flood = Array.from({ length: 120 }, () =>
      submit(impinjBody({ epc: epcs[0], antenna: 1 })),
    );
    await Promise.all(flood);
    await until(() => flow.items().length === 20);
    clock.advance(100);
    await submit(impinjBody({ epc: epcs[1], antenna: 1 }));
    await until(() => flow.items().length === 21);
    expect(flow.items().at(-1)?.skipped).toBe(100);
    flow.close();
  });

  test('ends when the person’s rights do', async () => {
    const { client, setPeople } = await openFloor();
    const flow = await listen(await client('mia'));
    setPeople([person('ole')]);
    await until(() => flow.state.ended);
  }, 15_000);
});

describe('the tap', () => {
  test('leaves a profile’s answers alone, and is the same for the same profile', () => {
    const tap = new FlowTap();
    const profileOf = tap.tapped((id) => (id === ruuvi.id ? ruuvi : undefined));
    expect(profileOf('none')).toBeUndefined();
    const tapped = profileOf(ruuvi.id);
    expect(profileOf(ruuvi.id)).toBe(tapped);
    const message = { channel: 'x', payload: Buffer.from('{}'), receivedAtMs: 1 };
    expect(tapped?.decode(ruuvi.initialState, message)).toEqual(
      ruuvi.decode(ruuvi.initialState, message),
    );
  });

  test('builds nothing for who does not want it, and nothing after the last one left', () => {
    const tap = new FlowTap();
    const shown: string[] = [];
    const entry = {
      pos: 1,
      receivedAtMs: 1,
      body: { type: 'message', device: 'gun', channel: 'c', qos: 1, payload: Buffer.from('é') },
    } as const;
    const step = { drafts: [] };
    const stop = tap.watch({
      wants: (device) => device === 'gun',
      show: (item) => shown.push(item.raw),
    });
    tap.stepped(entry, step);
    tap.stepped({ ...entry, body: { ...entry.body, device: 'shelf' } }, step);
    tap.stepped({ ...entry, body: { ...entry.body, payload: Buffer.from([0xff, 1]) } }, step);
    stop();
    tap.stepped(entry, step);
    expect(shown).toEqual(['é', 'ff01']);
  });
});

test('the sampler gives ten a second, after a burst', () => {
  const sampler = new FlowSampler(0);
  const given = (atMs: number) => Array.from({ length: 50 }, () => sampler.take(atMs));
  expect(given(0).filter(Boolean)).toHaveLength(20);
  expect(given(1000).filter(Boolean)).toHaveLength(10);
  expect(sampler.takeSkipped()).toBe(70);
  expect(sampler.takeSkipped()).toBe(0);
});
