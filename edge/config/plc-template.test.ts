import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { conditionEvents } from '../../devices/plc/condition-events.ts';
import { profileOf } from '../../devices/registry.ts';
import { tempDir } from '../testing/test-parts.ts';
import type { GatewayConfig } from './gateway-config.ts';
import { configFaultsOf, loadConfig } from './load-config.ts';
import { plcSettings } from './plc-settings.ts';
import { siteConfigText } from './site-config.ts';
import { configHead } from './testing/config-head.ts';

const head = `${configHead}zones: [{ id: hall, status: available }]
portals: []
`;
const templates = `
plcTemplates:
  - id: roller
    tags:
      - { name: made, node: "nsu=urn:plant;s=Conv{nr}.Count", role: counter, registerMax: 65535 }
      - name: state
        node: "nsu=urn:plant;s=Conv{nr}.State"
        role: state
        states: [{ value: 0, state: Stopped }, { value: 1, state: Running }]
      - { name: fault, node: "nsu=urn:plant;s=Conv{nr}.Fault", role: alarm, text: "{name} stands" }
`;
const twenty = Array.from({ length: 20 }, (_, index) => {
  const nr = String(index + 1).padStart(2, '0');
  return `        - { name: c${nr}, template: roller, with: { nr: "${nr}" } }`;
}).join('\n');

function device(opcua: string, profile = 'plc-counter'): string {
  return `
devices:
  - id: hall-plc
    profile: ${profile}
    zone: hall
    buffers: false
    silentAfterMs: 5000
    opcua:
      endpoint: opc.tcp://plc:4840
      samplingMs: 100
      queueSize: 100
${opcua}
`;
}

function load(text: string) {
  const dir = tempDir();
  mkdirSync(join(dir, 'keys'));
  for (const name of ['login.seed', 'signing.pem', 'http.token']) {
    writeFileSync(join(dir, 'keys', name), 'secret', { mode: 0o600 });
  }
  const file = join(dir, 'gateway.yaml');
  writeFileSync(file, text);
  return loadConfig(file, profileOf);
}

function sound(text: string): GatewayConfig {
  const loaded = load(text);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.refusal));
  return loaded.value;
}

function faultsIn(text: string): string[] {
  const loaded = load(text);
  if (loaded.ok) return [];
  return configFaultsOf(loaded.refusal.details).map(({ path, message }) => `${path}: ${message}`);
}

function settingsOf(config: GatewayConfig) {
  const [first] = config.devices;
  const settings = first && plcSettings(config, first, () => 'secret');
  if (settings === undefined) throw new Error('no PLC');
  return settings;
}

describe('lines of a template', () => {
  test('twenty conveyors are twenty lines', () => {
    const config = sound(`${head}${templates}${device(`      lines:\n${twenty}`)}`);
    const { tags } = settingsOf(config);
    expect(tags).toHaveLength(60);
    expect(tags.at(-3)).toMatchObject({ name: 'c20-made', node: 'nsu=urn:plant;s=Conv20.Count' });
    const site = JSON.parse(siteConfigText(config).text) as { devices: [{ tags: unknown[] }] };
    expect(site.devices[0].tags.slice(-3)).toEqual([
      { name: 'c20-made', registerMax: 65_535, role: 'counter' },
      {
        name: 'c20-state',
        role: 'state',
        states: [
          { state: 'Stopped', value: 0 },
          { state: 'Running', value: 1 },
        ],
      },
      { name: 'c20-fault', role: 'alarm', text: 'c20 stands' },
    ]);
  });

  test('a number stands for itself, and plain tags stay beside', () => {
    const own = '      tags: [{ name: total, node: "nsu=urn:plant;s=Total", role: counter }]\n';
    const line = '      lines: [{ name: c1, template: roller, with: { nr: 7 } }]';
    const { tags } = settingsOf(sound(`${head}${templates}${device(own + line)}`));
    expect(tags.map(({ node }) => node)).toEqual([
      'nsu=urn:plant;s=Total',
      'nsu=urn:plant;s=Conv7.Count',
      'nsu=urn:plant;s=Conv7.State',
      'nsu=urn:plant;s=Conv7.Fault',
    ]);
  });

  test.each([
    ['{ name: c1, template: rolled, with: { nr: 1 } }', 'template: names no PLC template'],
    ['{ name: c1, template: roller }', 'with: has no value for {nr} of template roller'],
    [
      '{ name: c1, template: roller, with: { nr: 1, no: 2 } }',
      'with/no: is used by no tag of template roller',
    ],
    [
      `{ name: ${'c'.repeat(38)}, template: roller, with: { nr: 1 } }`,
      "name: makes a tag's name of more than 40 characters",
    ],
  ])('%s is a fault', (line, fault) => {
    const faults = faultsIn(`${head}${templates}${device(`      lines: [${line}]`)}`);
    expect(faults).toContain(`/devices/0/opcua/lines/0/${fault}`);
  });

  test('a value that is no text and no number is a fault', () => {
    const line = '      lines: [{ name: c1, template: roller, with: { nr: [1] } }]';
    expect(faultsIn(`${head}${templates}${device(line)}`).join()).toContain('/lines/0/with');
  });

  test('two tags of one name are a fault', () => {
    const lines = '{ name: c1, template: roller, with: { nr: 1 } }';
    const text = `${head}${templates}${device(`      lines: [${lines}, ${lines}]`)}`;
    expect(faultsIn(text)).toContain(
      '/devices/0/opcua/lines/1/name: gives a tag the name c1-made, as does ' +
        '/devices/0/opcua/lines/0/name',
    );
  });
});

describe('what a PLC is asked for', () => {
  test('a node by a namespace index is a fault, because the index may change', () => {
    const tags = '      tags: [{ name: total, node: "ns=4;s=Total", role: counter }]';
    expect(faultsIn(`${head}${device(tags)}`)).toEqual([
      '/devices/0/opcua/tags/0/node: is no node by its namespace URI',
    ]);
  });

  test('nothing at all is a fault, but not of a reader of scans', () => {
    expect(faultsIn(`${head}${device('')}`)).toEqual(['/devices/0/opcua: has nothing to read']);
    const reader = settingsOf(sound(`${head}${device('', 'autoid-rfid')}`));
    expect(reader.sources).toMatchObject([{ name: 'scans', node: 'i=2253' }]);
  });

  test('alarms are asked of the Server object unless a notifier is named', () => {
    const all = settingsOf(sound(`${head}${device('      alarms: {}')}`));
    expect(all.sources).toEqual([{ name: 'alarms', node: 'i=2253', events: conditionEvents }]);
    const one = `${head}${device('      alarms: { notifier: "nsu=urn:plant;s=Line1" }')}`;
    expect(settingsOf(sound(one)).sources).toMatchObject([{ node: 'nsu=urn:plant;s=Line1' }]);
    expect(siteConfigText(sound(one)).text).toContain('"eventChannels":["alarms"]');
  });
});
