import { describe, expect, test } from 'vitest';
import { impinjR700 } from '../../devices/impinj/profile.ts';
import { deviceProfiles } from '../../devices/registry.ts';
import type { DeviceConfig, GatewayConfig } from '../config/gateway-config.ts';
import type { RefusedClient } from '../intake/refusal-log.ts';
import { deviceVerdict, type Heard } from './device-verdict.ts';
import { proposeDevices } from './propose-devices.ts';
import { proposePlc, slug } from './propose-plc.ts';

const dock: DeviceConfig = {
  id: 'dock',
  profile: impinjR700.id,
  mqtt: { username: 'dock-user', passwordFile: '/keys/dock' },
  buffers: true,
  silentAfterMs: 1000,
};
const silence: Heard = { messages: 0, readings: 0, unread: [], refusals: [], faults: [] };
const refused = (of: Partial<RefusedClient>): RefusedClient => ({
  reason: 'wrong-password',
  username: 'dock-user',
  clientId: 'c',
  address: '10.0.0.7',
  count: 3,
  lastMs: 1,
  ...of,
});
const said = (heard: Partial<Heard>, device = dock) =>
  deviceVerdict(device, { ...silence, ...heard });

describe('the verdict on a device', () => {
  test('is good only when something was read and nothing was wrong', () => {
    expect(said({ messages: 3, readings: 4 })).toMatchObject({ ok: true });
    expect(said({})).toMatchObject({ ok: false });
    const again = said({ messages: 3, repeated: 3 });
    expect(again).toMatchObject({ ok: true });
    expect(again.lines.join()).toContain('3 seen before');
    expect(said({ messages: 3 }).lines.join()).toContain('nothing it said is a reading');
    const unread = [{ channel: 'x', reason: 'malformed', detail: 'no JSON' }];
    expect(said({ messages: 3, readings: 2, unread }).ok).toBe(false);
  });

  test('says of silence what to look at', () => {
    expect(said({}).lines.join()).toContain('publish below dock as dock-user');
  });

  test('blames a device for its own refusals alone, with what to do', () => {
    const lines = said({ refusals: [refused({}), refused({ username: 'gate' })] }).lines;
    expect(lines).toHaveLength(2);
    expect(lines[1]).toContain('refused client c from 10.0.0.7 3 times: wrong password');
    const taken = refused({ reason: 'mqtt5', username: undefined, clientId: 'dock' });
    expect(said({ refusals: [taken] }).lines[1]).toContain('MQTT 3.1.1');
  });

  test('names each reason for quarantine once, with how often', () => {
    const wrong = { channel: 'plant/dock', reason: 'wrong-topic', detail: 'outside' };
    const { lines } = said({ unread: [wrong, wrong, { ...wrong, reason: 'oversized' }] });
    expect(lines[1]).toMatch(/^2 × wrong-topic on "plant\/dock".*Publish below dock, or set mqtt/);
    expect(lines[2]).toMatch(/^1 × oversized/);
  });
});

describe('what is proposed', () => {
  const config = { devices: [dock] } as unknown as GatewayConfig;
  const none = { channels: [], unread: [], refusals: [] };

  test('for a user that no device has is a device of that name, once', () => {
    const refusals = ['Yard 7', 'Yard 7', 'dock'].map((username, index) =>
      refused({ reason: 'unknown-user', username, clientId: `c${index}` }),
    );
    const { yaml } = proposeDevices(config, { ...none, refusals }, []);
    expect(yaml.split('\n').filter((line) => line.includes('- id:'))).toEqual([
      '  - id: yard-7',
      '  - id: dock-2',
    ]);
    expect(yaml).toContain('{ username: "Yard 7", passwordFile: keys/yard-7.password }');
  });

  test('for a message outside the topic is where its topic begins, and the type that reads it', () => {
    const message = (payload: object) => ({
      device: 'dock',
      channel: 'plant/dock/events',
      reason: 'wrong-topic',
      detail: '',
      headBase64: Buffer.from(JSON.stringify(payload)).toString('base64'),
    });
    const profiles = [...deviceProfiles.values()];
    const notes = (payload: object) =>
      proposeDevices(config, { ...none, unread: [message(payload)] }, profiles).notes.join();
    const tag = { epcHex: '3074257BF7194E4000001A85', antennaPort: 1 };
    const event = { eventType: 'tagInventory', tagInventoryEvent: tag };
    expect(notes(event)).toMatch(/set mqtt\.topic: plant$/);
    expect(notes({ strange: true })).toContain('to where that begins');
  });

  test('for a server with nothing known but an AutoID reader is that reader', () => {
    const { yaml } = proposePlc('gate', 'opc.tcp://x', [
      {
        node: 'nsu=urn:x;s=Reader',
        path: ['Reader'],
        isVariable: false,
        type: 'nsu=http://opcfoundation.org/UA/AutoID/;i=1004',
        dataType: undefined,
        isArray: false,
      },
    ]);
    expect(yaml).toContain('profile: autoid-rfid');
    expect(yaml).toContain('scans: { notifier: "nsu=urn:x;s=Reader" }');
  });

  test('is named as everything here is', () => {
    expect(['ProdProcessedCount', 'Dock Reader', '__', 'Ümläut 7'].map(slug)).toEqual([
      'prod-processed-count',
      'dock-reader',
      '',
      'ml-ut-7',
    ]);
  });
});
