import { expect, test } from 'vitest';
import { parseGatewayId, parseSiteId, parseTenantId } from '#contracts/ids.ts';
import { natsConfigText } from './nats-config.ts';

const tenant = parseTenantId('main');
const settings = {
  tenant,
  host: '127.0.0.1',
  port: 7422,
  storeDir: '/srv/a "folder"\\with\nsigns',
  storeBytes: 1_000_000,
  hubNkey: 'UHUB',
  gateways: [
    {
      address: { tenant, site: parseSiteId('berlin'), gateway: parseGatewayId('gw-1') },
      nkey: 'UGW1',
    },
  ],
};

test('a configuration names who may connect and what each may do', () => {
  expect(natsConfigText(settings)).toMatchInlineSnapshot(`
    "# Written by the hub. Changes by hand are lost.
    server_name: "holdfast-main"
    host: "127.0.0.1"
    port: 7422
    max_payload: 1MB
    max_pending: 64MB
    max_control_line: 4KB
    max_connections: 68
    write_deadline: "10s"
    jetstream {
      store_dir: "/srv/a \\"folder\\"\\\\with\\nsigns"
      max_memory_store: 16MB
      max_file_store: 1000000
    }
    authorization {
      timeout: 5
      users: [
        # the hub
        { nkey: "UHUB", permissions: {
          publish: { allow: ["$JS.API.>", "$JS.ACK.>", "$JS.FC.>", "hf.1.main.*.*.receipt", "hf.1.main.*.*.evidence", "hf.1.main.*.*.nudge"] }
          subscribe: { allow: ["hf.1.main.>", "_INBOX.>"] }
          allow_responses: { max: 1, expires: "1m" }
        } }
        # berlin/gw-1
        { nkey: "UGW1", permissions: {
          publish: { allow: ["hf.1.main.berlin.gw-1.up", "hf.1.main.berlin.gw-1.now", "hf.1.main.berlin.gw-1.hello", "hf.1.main.berlin.gw-1.downlink"] }
          subscribe: { allow: ["hf.1.main.berlin.gw-1.receipt", "hf.1.main.berlin.gw-1.evidence", "hf.1.main.berlin.gw-1.nudge", "_INBOX_main_berlin_gw-1.>"] }
          allow_responses: { max: 1, expires: "1m" }
        } }
      ]
    }
    "
  `);
});

test('what a path holds stays inside its quotes', () => {
  const [line] = natsConfigText(settings).match(/store_dir: .*/) ?? [];
  expect(line).toBe('store_dir: "/srv/a \\"folder\\"\\\\with\\nsigns"');
});

test('TLS names the files, a WebSocket has the same certificate and asks for none', () => {
  const tls = { certFile: '/c.pem', keyFile: '/k.pem', caFile: '/ca.pem', verifyClients: true };
  const text = natsConfigText({ ...settings, tls, webSocket: { host: '0.0.0.0', port: 443 } });
  const [, listener = '', webSocket = ''] =
    /(tls \{[^}]*\})\n(websocket \{[^}]*\}\n\})/.exec(text) ?? [];
  expect(listener.split('\n').map((line) => line.trim())).toEqual([
    'tls {',
    'cert_file: "/c.pem"',
    'key_file: "/k.pem"',
    'ca_file: "/ca.pem"',
    'verify: true',
    'timeout: 10',
    '}',
  ]);
  expect(webSocket).toContain('port: 443');
  expect(webSocket).toContain('cert_file: "/c.pem"');
  expect(webSocket).not.toContain('verify');
});

test('the pid file is named where there is one', () => {
  expect(natsConfigText({ ...settings, pidFile: '/run/nats.pid' })).toContain(
    'pid_file: "/run/nats.pid"\n',
  );
});
