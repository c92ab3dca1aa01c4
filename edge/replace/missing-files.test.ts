import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { describeFault } from '#contracts/config-fault.ts';
import { tempDir } from '../testing/test-parts.ts';
import { missingFiles } from './missing-files.ts';

const text = `dataDir: data
hub: { tls: { caFile: keys/hub-ca.pem } }
mqtt:
  tls:
    certFile: keys/mqtt.pem
    keyFile: keys/mqtt.key
    clientCaFile: keys/readers-ca.pem
devices:
  - { id: gate, profile: impinj-r700 }
  - { id: press, opcua: { endpoint: 'opc.tcp://10.0.0.9:4840' } }
  - { id: oven, opcua: { endpoint: 'opc.tcp://10.0.0.8:4840', trustFirst: true } }
`;

describe('what lay on the former box alone', () => {
  test('is listed whole, each with its line and what to do', () => {
    const file = join(tempDir(), 'gateway.yaml');
    const found = missingFiles(text, file);
    expect(found.map(({ path, line }) => [path, line])).toEqual([
      ['/mqtt/tls/certFile', 5],
      ['/mqtt/tls/keyFile', 6],
      ['/mqtt/tls/clientCaFile', 7],
      ['/hub/tls/caFile', 2],
      ['/devices/1/opcua', 10],
      ['/devices/1/opcua', 10],
      ['/devices/2/opcua', 11],
    ]);
    const words = found.map(describeFault);
    expect(words[1]).toContain('keys/mqtt.key');
    expect(words[4]).toContain('data/pki/press/own');
    expect(words[5]).toContain('gateway certificates trust');
  });

  test('is nothing where the files are there, or where none are named', () => {
    const folder = tempDir();
    mkdirSync(join(folder, 'keys'));
    for (const name of ['hub-ca.pem', 'mqtt.pem', 'mqtt.key', 'readers-ca.pem']) {
      writeFileSync(join(folder, 'keys', name), 'x');
    }
    const file = join(folder, 'gateway.yaml');
    expect(missingFiles(text.split('  - { id: press')[0] ?? '', file)).toEqual([]);
    expect(missingFiles('- a\n- b\n', file)).toEqual([]);
    expect(missingFiles('', file)).toEqual([]);
  });

  test('is read from a config that has other faults too', () => {
    const file = join(tempDir(), 'gateway.yaml');
    const broken = 'gateway: 7\ndevices: nothing\nmqtt: { tls: { certFile: a.pem, keyFile: 7 } }\n';
    expect(missingFiles(broken, file).map(({ path }) => path)).toEqual(['/mqtt/tls/certFile']);
  });
});
