import assert from 'node:assert/strict';
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { parseDocument } from 'yaml';
import type { Fleet } from '#contracts/api/fleet-api.ts';
import { floorPaths, type FloorActAnswer, type FloorTasks } from '#contracts/api/floor-api.ts';
import { apiPaths } from '#contracts/api/routes-api.ts';
import type { SitePeoplePage } from '#contracts/api/site-people-api.ts';
import type { StockPage } from '#contracts/api/stock-api.ts';
import type { TasksPage } from '#contracts/api/tasks-api.ts';
import { freePort } from '#contracts/testing/free-port.ts';
import { cliPath } from './stack/run-tool.ts';
import { PageClient } from './testing/page-client.ts';

const { natsServer } = inject('programs');
const mib = 1_048_576;
const password = 'correct horse';
const zones = ['dock', 'storage'];

let dir = '';
const running: ChildProcess[] = [];

interface Said {
  readonly code: number;
  readonly out: Record<string, unknown>;
  readonly err: string;
}

function run(part: 'edge' | 'hub', ...args: string[]): Promise<Said> {
  return new Promise((resolve) => {
    execFile(process.execPath, [cliPath(part), ...args], (error, stdout, err) => {
      const out = JSON.parse(stdout.trim().split('\n').at(-1) || '{}') as Said['out'];
      resolve({ code: Number(error?.code ?? 0), out, err });
    });
  });
}
const hubCommand = (...args: string[]) =>
  run('hub', ...args, '--config', join(dir, 'hub/hub.yaml'));

const until = <T>(check: () => T | Promise<T>) =>
  vi.waitFor(check, { timeout: 30_000, interval: 100 });

function start(command: string, args: readonly string[]) {
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  running.push(child);
  const log = { text: '' };
  child.stderr.setEncoding('utf8').on('data', (text: string) => (log.text += text));
  return {
    log,
    said: (words: string) => until(() => assert.ok(log.text.includes(words), log.text)),
    async stop(signal: NodeJS.Signals = 'SIGKILL') {
      child.kill(signal);
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    },
  };
}

/** A box at the site, its process and the page on it. */
class Box {
  readonly folder: string;
  readonly httpPort: number;
  readonly mqttPort: number;
  /** The first act, as it was sent. */
  sent: object | undefined;
  process = start('true', []);
  floor: PageClient;
  #acts = 0;

  constructor(name: string, httpPort: number, mqttPort: number) {
    this.folder = join(dir, name);
    this.httpPort = httpPort;
    this.mqttPort = mqttPort;
    this.floor = new PageClient(httpPort);
  }

  get file(): string {
    return join(this.folder, 'gateway.yaml');
  }

  async start(): Promise<void> {
    this.process = start(process.execPath, [cliPath('edge'), '--config', this.file]);
    await this.process.said('gateway.started');
    this.floor = new PageClient(this.httpPort);
  }

  /** Sections of the config of this test, in the place of those that are there. */
  edit(): void {
    const document = parseDocument(readFileSync(this.file, 'utf8'));
    const set = (path: string[], value: unknown) =>
      document.setIn(path, document.createNode(value));
    set(['mqtt', 'port'], this.mqttPort);
    set(['http', 'port'], this.httpPort);
    // Its certificate is on no box of this test: it is not listened to.
    const tls = { certFile: 'keys/mqtt.pem', keyFile: 'keys/mqtt.key', port: 8883 };
    set(['mqtt', 'tls'], tls);
    set(['disk'], { intakeBudgetBytes: 64 * mib, floorBytes: 8 * mib, reserveBytes: 8 * mib });
    set(['floor'], { peopleFile: 'keys/people.json' });
    set(
      ['zones'],
      [
        { id: 'dock', status: 'receiving' },
        { id: 'storage', status: 'available' },
      ],
    );
    set(['items'], [{ item: 'bolt', tracking: 'bulk' }]);
    writeFileSync(this.file, document.toString());
  }

  async signIn(): Promise<void> {
    await until(async () => {
      const body = { username: 'anna', password };
      const { status } = await this.floor.ask('POST', floorPaths.session, body);
      assert.equal(status, 200);
    });
  }

  async act(body: object): Promise<FloorActAnswer> {
    this.#acts += 1;
    const id = `${this.folder.slice(-5)}-act-${this.#acts}`.replace(/[^0-9A-Za-z-]/g, '-');
    this.sent ??= { id, ...body };
    return await this.#send({ id, ...body });
  }

  /** What another box took first. */
  async sendAgain({ sent }: Box): Promise<FloorActAnswer> {
    assert.ok(sent);
    return await this.#send(sent);
  }

  async #send(act: object): Promise<FloorActAnswer> {
    const answer = await this.floor.ask('POST', floorPaths.acts, act);
    const said = (await answer.json()) as FloorActAnswer;
    assert.equal(said.outcome, 'applied', JSON.stringify(said));
    return said;
  }

  receive(quantity: number, handlingUnit?: string): Promise<FloorActAnswer> {
    const goods = { item: 'bolt', quantity, ...(handlingUnit && { handlingUnit }) };
    return this.act({ type: 'receive', zone: 'dock', what: { goods } });
  }

  async uplinkIs(state: string, fault?: string): Promise<void> {
    await until(async () => {
      const answer = await fetch(`http://127.0.0.1:${this.httpPort}/health`);
      const { uplink } = (await answer.json()) as { uplink: Record<string, unknown> };
      assert.deepEqual([uplink['state'], uplink['fault']], [state, fault]);
    });
  }
}

describe.skipIf(natsServer === '')('a box in the place of a dead one', () => {
  let natsPort = 0;
  let hubPort = 0;
  let nats: ReturnType<typeof start>;
  let hub: ReturnType<typeof start>;
  let first: Box;
  let second: Box;
  let console: PageClient;
  let tokenFile = '';

  const startNats = async () => {
    nats = start(natsServer, ['-c', join(dir, 'hub/nats-server.conf')]);
    await nats.said('Server is ready');
  };
  const startHub = async () => {
    hub = start(process.execPath, [cliPath('hub'), '--config', join(dir, 'hub/hub.yaml')]);
    await hub.said('hub.started');
  };
  const token = async (...more: string[]) => {
    const made = await hubCommand('gateway', 'token', '--site', 'lyon', '--id', 'lyon-1', ...more);
    assert.equal(made.code, 0, made.err);
    writeFileSync(tokenFile, String(made.out['token']), { mode: 0o600 });
  };
  const replace = (...more: string[]) =>
    run('edge', 'replace', '--dir', second.folder, '--token-file', tokenFile, ...more);
  const bolts = async () => {
    const { rows } = await console.get<StockPage>(`${apiPaths.stock}?site=lyon`);
    return rows.map(({ zone, handlingUnit, quantity }) => [zone, handlingUnit, quantity]);
  };
  const tasks = async (query = '') =>
    await console.get<TasksPage>(`${apiPaths.tasks}?site=lyon${query}`);

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'holdfast-replace-'));
    tokenFile = join(dir, 'token');
    [natsPort, hubPort] = [await freePort(), await freePort()];
    const ports = ['--http-port', String(hubPort), '--nats-port', String(natsPort)];
    const made = await run('hub', 'init', '--dir', join(dir, 'hub'), ...ports);
    assert.equal(made.code, 0, made.err);
    await startNats();
    await startHub();
    console = new PageClient(hubPort);
    const who = made.out['administrator'];
    assert.equal((await console.ask('POST', apiPaths.session, who)).status, 200);
    first = new Box('box-1', await freePort(), await freePort());
    second = new Box('box-2', await freePort(), await freePort());
  }, 60_000);
  afterAll(async () => {
    for (const child of running) child.kill('SIGKILL');
    for (const child of running) {
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    }
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  });

  test('begins with people from the hub, who work at the first box', async () => {
    await token();
    const enrolled = await run('edge', 'enroll', '--dir', first.folder, '--token-file', tokenFile);
    expect(enrolled.code).toBe(0);
    first.edit();
    await first.start();
    await first.uplinkIs('live');
    const secret = join(dir, 'password');
    writeFileSync(secret, `${password}\n`, { mode: 0o600 });
    const who = ['--username', 'anna', '--name', 'Anna Berg', '--role', 'supervisor'];
    const added = await hubCommand(
      'person',
      'add',
      ...who,
      '--sites',
      'lyon',
      '--password-file',
      secret,
    );
    expect(added).toMatchObject({ code: 0, out: { username: 'anna', sites: ['lyon'] } });
    expect(JSON.stringify(added.out)).not.toContain('argon2');
    await first.signIn();
    await first.receive(10);
    await first.receive(4, 'lpn:A');
    await first.act({
      type: 'move',
      what: { goods: { item: 'bolt', quantity: 3 } },
      zone: 'dock',
      toZone: 'storage',
    });
    const expected = [
      ['dock', null, 7],
      ['dock', 'lpn:A', 4],
      ['storage', null, 3],
    ];
    await until(async () => expect(await bolts()).toEqual(expected));
    const { waiting } = await console.get<SitePeoplePage>(apiPaths.sitePeople);
    expect(waiting).toEqual([]);
  }, 60_000);

  test('is refused a token for a new gateway, and has made nothing while the hub is away', async () => {
    await nats.stop();
    await first.uplinkIs('away');
    await first.receive(100);
    await first.process.stop();
    await startNats();
    const other = await hubCommand('gateway', 'token', '--site', 'lyon', '--id', 'lyon-2');
    writeFileSync(tokenFile, String(other.out['token']), { mode: 0o600 });
    expect((await replace()).err).toContain('BAD_INPUT: this token is for a new gateway');
    await token('--replace');
    await hub.stop('SIGTERM');
    const refused = await replace();
    expect(refused.code).toBe(1);
    expect(refused.err).toContain('LINK_DOWN');
    expect(existsSync(second.file)).toBe(false);
    await startHub();
  }, 60_000);

  test('takes book and config, as often as it is asked before it runs', async () => {
    const copy = ['--config-copy', first.file];
    const done = await replace(...copy);
    expect(done.err).toContain('every zone becomes a recount');
    expect(done.err).toMatch(/3 acts and 0 scans of before are known/);
    expect(done.err).toMatch(/mqtt\/tls\/keyFile .*keys\/mqtt\.key/);
    const restored = { epoch: 2, afterEpoch: 1, accounts: 3, acts: 3, scans: 0, units: 1 };
    const said = { configFrom: 'copy', sameConfig: true, faults: 0, missing: 2, restored };
    expect(done).toMatchObject({ code: 0, out: said });
    expect(await replace(...copy)).toMatchObject({
      code: 0,
      out: { ...said, configFrom: 'kept' },
    });
    const fleet = await console.get<Fleet>(apiPaths.fleet);
    expect(fleet.gateways[0]?.replaced).toMatchObject({ begun: false });
  }, 60_000);

  test('goes on from what the hub committed, and has every zone counted', async () => {
    second.edit();
    await second.start();
    await second.uplinkIs('live');
    await second.signIn();
    const { tasks: local } = await second.floor.get<FloorTasks>(floorPaths.tasks);
    expect(local.map(({ task, zone }) => [task, zone])).toEqual(
      zones.map((zone) => ['recount', zone]),
    );
    expect(local[0]?.reason).toMatch(/^the box was replaced: unknown from 2\d\d\d-.*Z to 2\d\d\d-/);
    // An answer of the dead box that never arrived: the page sends the act again.
    const sentAgain = await second.sendAgain(first);
    expect(sentAgain).toMatchObject({ outcome: 'applied', repeated: true });
    await until(async () => expect((await tasks()).total).toBe(2));
    expect(await bolts()).toEqual([
      ['dock', null, 7],
      ['dock', 'lpn:A', 4],
      ['storage', null, 3],
    ]);
    const fleet = await console.get<Fleet>(apiPaths.fleet);
    expect(fleet.gateways[0]).toMatchObject({
      epoch: 2,
      state: 'live',
      replaced: { begun: true, openRecounts: 2 },
    });
    const [toCount] = local.filter(({ zone }) => zone === 'storage');
    const found = [{ item: 'bolt', quantity: 3 }];
    const counted = await second.act({ type: 'count', zone: 'storage', found, task: toCount?.id });
    expect(counted.count).toMatchObject({ result: 'agrees' });
    await second.act({ type: 'move', what: { unit: 'lpn:A' }, zone: 'dock', toZone: 'storage' });
    await until(async () => {
      expect((await tasks()).total).toBe(1);
      expect(await bolts()).toContainEqual(['storage', 'lpn:A', 4]);
    });
  }, 60_000);

  test('is begun only once', async () => {
    const again = await replace();
    expect(again.code).toBe(1);
    expect(again.err).toContain('CONFLICT');
    expect(again.err).toContain('holds a journal already');
    const other = ['--dir', join(dir, 'box-3'), '--token-file', tokenFile];
    const third = await run('edge', 'replace', ...other);
    expect(third.err).toContain('TOKEN_USED');
  }, 60_000);

  test('keeps the dead box out when it comes back', async () => {
    const before = await bolts();
    await first.start();
    await first.uplinkIs('away', 'LOGIN_REFUSED');
    await first.process.stop('SIGTERM');
    expect(await bolts()).toEqual(before);
    await second.uplinkIs('live');
  }, 60_000);

  test('has acts after a revocation reviewed, at the gateway and at the hub', async () => {
    const at = new Date(Date.now() - 5 * 60_000).toISOString();
    const revoked = await hubCommand('person', 'revoke', '--username', 'anna', '--at', at);
    expect(revoked.code).toBe(0);
    await until(async () => {
      const { tasks: open } = await tasks('&task=review-act');
      const types = open.map(({ flagged }) => flagged?.type ?? '');
      // Those of the dead box too, so far as they reached the hub.
      const all = ['count', 'move', 'move', 'receive', 'receive'];
      expect(types.toSorted((a, b) => (a < b ? -1 : 1))).toEqual(all);
      expect(open[0]?.flagged).toMatchObject({ personName: 'Anna Berg' });
    });
    await until(async () => {
      expect((await second.floor.ask('GET', floorPaths.tasks)).status).toBe(401);
    });
    const signIn = await second.floor.ask('POST', floorPaths.session, {
      username: 'anna',
      password,
    });
    expect(signIn.status).toBe(401);
    const local = await run('edge', 'people', 'revoke', 'anna', '--config', second.file);
    expect(local.err).toContain('come from the hub');
  }, 60_000);
});
