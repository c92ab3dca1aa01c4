import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import mqtt from 'mqtt';
import { expect, onTestFinished, test } from 'vitest';
import { readJournal } from '../journal/read-journal.ts';
import { runCli, setUpGateway, startGateway } from '../testing/gateway-process.ts';
import { tempDir, until } from '../testing/test-parts.ts';

test('a site engineer overrides by command without a hub: devices stay, a restart too, until its end', async () => {
  const dir = tempDir();
  const setup = await setUpGateway(dir);
  const former = readFileSync(setup.file, 'utf8');
  const gateway = await startGateway(setup);
  const reader = await mqtt.connectAsync({
    host: '127.0.0.1',
    port: setup.mqttPort,
    username: 'reader-0',
    password: 'reader-0-secret',
    reconnectPeriod: 0,
  });
  onTestFinished(() => void reader.end(true));
  let closes = 0;
  reader.on('close', () => (closes += 1));
  const { zones } = JSON.parse(former) as { zones: object[] };
  const sections = join(dir, 'override.yaml');
  const override = (...args: string[]) =>
    runCli(['override', ...args, '--config', setup.file], dir);
  const begin = (text: string) => {
    writeFileSync(sections, text);
    const why = ['--by', 'eng-7', '--reason', 'hub away, tent pitched', '--hours', '2'];
    return override('begin', sections, ...why);
  };

  const wrong = await begin('# mine\nzones:\n  - { id: tent, status: odd }\n');
  expect(wrong).toMatchObject({ code: 2, stdout: '' });
  expect(wrong.stderr).toContain('/zones/0/status (line 3:');
  const foreign = await begin('http: { port: 1 }\n');
  expect(foreign.stderr).toContain('belongs to the gateway itself');
  expect(readFileSync(setup.file, 'utf8')).toBe(former);

  const tent = { id: 'tent', status: 'available' };
  const begun = await begin(JSON.stringify({ zones: [...zones, tent] }));
  expect(begun.code, begun.stderr).toBe(0);
  expect(JSON.parse(begun.stdout)).toMatchObject({ by: 'eng-7', deferred: false });
  expect(readFileSync(setup.file, 'utf8')).toContain('tent');
  const applied = await runCli(['apply', '--config', setup.file], dir);
  expect(applied.stderr).toContain('CONFLICT: a local override is in force until');
  await reader.publishAsync('reader-0', '{}', { qos: 1 });
  expect(closes).toBe(0);

  expect(await gateway.end('SIGKILL')).toBe('SIGKILL');
  const again = await startGateway(setup);
  const shown = JSON.parse((await override('show')).stdout) as { override: object | null };
  expect(shown.override).toMatchObject({ by: 'eng-7', reason: 'hub away, tent pitched' });
  const ended = await override('end', '--by', 'eng-8');
  expect(JSON.parse(ended.stdout)).toEqual({ inForce: 'former' });
  expect(readFileSync(setup.file, 'utf8')).toBe(former);
  expect((await override('end', '--by', 'eng-8')).stderr).toContain('NOT_FOUND');
  await until(async () => (await again.health()).intake.backlog === 0);
  expect(await again.end('SIGTERM')).toBe(0);
  const said = [...readJournal(setup.dataDir)].flatMap(({ header, payload }) => {
    const { kind } = JSON.parse(header) as { kind: string };
    return kind.startsWith('gateway.config-overrid') ? [[kind, JSON.parse(payload) as object]] : [];
  });
  expect(said).toMatchObject([
    ['gateway.config-overridden', { by: 'eng-7', reason: 'hub away, tent pitched' }],
    ['gateway.config-override-ended', { by: 'eng-8', inForce: 'former', outcome: 'ended' }],
  ]);
}, 60_000);
