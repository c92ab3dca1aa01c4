import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { SiteDocument } from '#contracts/documents.ts';
import { createGatewayApi } from '../api/gateway-api.ts';
import { configBody, startMs } from '../observe/testing/test-site.ts';
import { StandingObserver } from '../observe/standing-observer.ts';
import { Pipeline } from '../pipeline.ts';
import { openTestStores } from '../testing/open-test-stores.ts';
import { createTestLog, FakeClock, tempDir, until } from '../testing/test-parts.ts';
import { documentFaults } from './document-faults.ts';
import { DocumentIntake } from './document-intake.ts';
import { DocumentsFolder } from './documents-folder.ts';

const place = { site: 'leeds', zones: new Set(['receiving', 'storage']) };
const asn: SiteDocument = {
  type: 'receipt',
  id: 'ASN-7',
  version: 1,
  site: 'leeds',
  state: 'open',
  tolerance: { overPermille: 0, underPermille: 0 },
  lines: [
    { line: 1, item: 'milk-1l', quantity: 3 },
    { line: 2, item: 'screw-m4', quantity: 5 },
  ],
};

async function openIntake({ isHeld = false } = {}) {
  const clock = new FakeClock(startMs);
  const { log, said } = createTestLog();
  const { intake, journal } = openTestStores(tempDir(), clock, log);
  const observer = new StandingObserver(journal.takeStates());
  const pipeline = new Pipeline({ intake, journal, observer, log, fatal: () => {}, lingerMs: 0 });
  intake.append(configBody(), startMs);
  pipeline.start();
  await until(() => intake.lastPos === 1);
  onTestFinished(async () => {
    await pipeline.stop();
    intake.close();
    journal.close();
  });
  const submit: Pipeline['submit'] = (body, atMs) => pipeline.submit(body, atMs);
  const documents = new DocumentIntake({
    place: () => place,
    stock: observer.stock,
    submit,
    isHeld: () => isHeld,
    clock,
  });
  return { documents, intake, journal, log, observer, said, submit };
}

const text = (...documents: unknown[]) =>
  JSON.stringify(documents.length === 1 ? documents[0] : documents);

describe('a document', () => {
  test('that fits has no faults', () => {
    expect(documentFaults(asn, place)).toEqual([]);
  });

  test('has all its faults named at once, each with its place, its value and what to do', () => {
    const faults = documentFaults(
      {
        ...asn,
        site: 'hamburg',
        zone: 'atlantis',
        version: 0,
        lines: [
          { line: 1, item: 'milk-1l', quantity: 1, serials: ['30AA', '30AA'] },
          { line: 1, item: 'screw-m4', quantity: '5' },
        ],
        units: [
          { unit: 'lpn:A', parent: 'lpn:B', contents: [{ line: 9, quantity: 1 }] },
          { unit: 'lpn:B', parent: 'lpn:A', contents: [] },
          { unit: 'lpn:B', parent: 'lpn:C', contents: [] },
        ],
      },
      place,
    );
    expect(faults.map(({ path, value }) => [path, value])).toEqual([
      ['version', 0],
      ['lines[1].quantity', '5'],
      ['site', 'hamburg'],
      ['zone', 'atlantis'],
      ['lines[0].serials', 'a list of 2'],
      ['lines[0].serials[1]', '30AA'],
      ['lines[1].line', 1],
      ['units[0].contents[0].line', 9],
      ['units[2].unit', 'lpn:B'],
      ['units[0].parent', 'lpn:B'],
      ['units[1].parent', 'lpn:A'],
      ['units[2].parent', 'lpn:C'],
    ]);
    expect(faults.every(({ remedy }) => remedy.length > 10)).toBe(true);
  });

  test('names units by their right check digit, and GTINs in the length that scans give', () => {
    const named = {
      ...asn,
      lines: [
        { line: 1, item: '4012345000009', quantity: 3 },
        { line: 2, item: '614141123452', quantity: 5 },
      ],
      units: [{ unit: 'sscc:006141411234567891', contents: [] }],
    };
    const faults = documentFaults(named, { ...place, items: new Set(['614141123452']) });
    expect(faults.map(({ path, value }) => [path, value])).toEqual([
      ['lines[0].item', '4012345000009'],
      ['units[0].unit', 'sscc:006141411234567891'],
    ]);
    expect(faults.map(({ remedy }) => remedy).join()).toMatch(/04012345000009.*check digit is 0/);
  });

  test('has no more of a line in its units than the line expects', () => {
    const unit = (name: string, quantity: number) => ({
      unit: `lpn:${name}`,
      contents: [{ line: 2, quantity }],
    });
    expect(documentFaults({ ...asn, units: [unit('A', 3), unit('B', 2)] }, place)).toEqual([]);
    const faults = documentFaults(
      { ...asn, units: [unit('A', 3), unit('B', 99), unit('C', 1)] },
      place,
    );
    expect(faults).toEqual([
      {
        path: 'units[1].contents[0].quantity',
        value: 99,
        remedy: 'units have 102 of line 2 by now, which expects 5: correct one',
      },
    ]);
  });

  test.each([null, 7, 'text', [], {}, { type: 'invoice' }, { ...asn, partner: '\ud800' }])(
    'is not %j',
    (value) => {
      expect(documentFaults(value, place).length).toBeGreaterThan(0);
    },
  );
});

describe('what a warehouse system sends', () => {
  test('is taken once, is known when it is sent again, and a later version replaces it', async () => {
    const { documents, journal, observer } = await openIntake();
    const states = async (...of: unknown[]) => {
      const outcome = await documents.take(text(...of), 'rest');
      return outcome.ok ? outcome.documents.map(({ state }) => state) : outcome.code;
    };
    expect(await states(asn, { ...asn, id: 'ASN-8' })).toEqual(['taken', 'taken']);
    const { seq } = journal.head();
    expect(await states(asn)).toEqual(['known']);
    expect(journal.head().seq).toBe(seq);
    expect(await states({ ...asn, version: 2, lines: [asn.lines[0]] })).toEqual(['taken']);
    expect(await states(asn)).toEqual(['superseded']);
    expect(observer.stock.document('ASN-7')).toMatchObject({ version: 2, expected: 3 });
  });

  test('is refused as a conflict when a version comes with another content', async () => {
    const { documents, intake } = await openIntake();
    await documents.take(text(asn), 'rest');
    const { lastPos } = intake;
    const other = { ...asn, lines: [{ line: 1, item: 'milk-1l', quantity: 4 }] };
    const outcome = await documents.take(text({ ...asn, id: 'ASN-9' }, other), 'rest');
    expect(outcome).toMatchObject({
      ok: false,
      code: 'CONFLICT',
      faults: [{ path: '[1].version' }],
    });
    expect(intake.lastPos).toBe(lastPos);
  });

  test('is taken once when two contents of one version come at once: the other is a conflict', async () => {
    const { documents, observer } = await openIntake();
    const other = { ...asn, lines: [{ line: 1, item: 'milk-1l', quantity: 4 }] };
    const outcomes = await Promise.all([
      documents.take(text(asn), 'rest'),
      documents.take(text(other), 'file'),
      documents.take(text({ ...asn, id: 'ASN-8' }, other), 'rest'),
      documents.take(text(asn), 'file'),
    ]);
    expect(outcomes.map((one) => (one.ok ? one.documents[0]?.state : one.code))).toEqual([
      'taken',
      'CONFLICT',
      'CONFLICT',
      'known',
    ]);
    expect(observer.stock.document('ASN-7')).toMatchObject({ expected: 8 });
    expect(observer.stock.document('ASN-8')).toBeUndefined();
  });

  test('is a conflict also behind one that was given up on as late, and came after all', async () => {
    const { observer, submit } = await openIntake();
    let goOn = () => {};
    const held = new Promise<void>((resolve) => (goOn = resolve));
    const sent: Promise<unknown>[] = [];
    const documents = new DocumentIntake({
      place: () => place,
      stock: observer.stock,
      submit: async (body, atMs) => {
        await held;
        const outcome = submit(body, atMs);
        sent.push(outcome);
        return await outcome;
      },
      isHeld: () => false,
      clock: new FakeClock(startMs),
      timeoutMs: 1,
    });
    expect(await documents.take(text(asn), 'rest')).toMatchObject({ code: 'UNAVAILABLE' });
    const patient = new DocumentIntake({
      place: () => place,
      stock: observer.stock,
      submit: async (body, atMs) => {
        goOn();
        await until(() => sent.length === 1);
        return await submit(body, atMs);
      },
      isHeld: () => false,
      clock: new FakeClock(startMs),
    });
    const other = { ...asn, lines: [{ line: 1, item: 'milk-1l', quantity: 4 }] };
    expect(await patient.take(text(other), 'rest')).toMatchObject({
      code: 'CONFLICT',
      message: 'it was not taken: one fault',
      faults: [{ path: 'version' }],
    });
    expect(observer.stock.document('ASN-7')).toMatchObject({ expected: 8 });
  });

  test.each([
    ['is no JSON', '{"id":'],
    ['is an empty list', '[]'],
    ['has one bad document among good ones', text(asn, { ...asn, id: 'B', site: 'hamburg' })],
    ['has a document twice', text(asn, { ...asn, version: 2 })],
  ])('is refused whole when it %s', async (_, sent) => {
    const { documents, intake, observer } = await openIntake();
    const outcome = await documents.take(sent, 'rest');
    expect(outcome).toMatchObject({ ok: false, code: 'BAD_INPUT' });
    expect(outcome.ok || outcome.faults.length).toBe(1);
    expect(intake.lastPos).toBe(1);
    expect(observer.stock.documents()).toEqual([]);
  });

  test('is to be sent again while there is no room', async () => {
    const { documents, intake } = await openIntake({ isHeld: true });
    expect(await documents.take(text(asn), 'rest')).toMatchObject({ code: 'UNAVAILABLE' });
    expect(intake.lastPos).toBe(1);
  });
});

describe('the folder for documents', () => {
  async function startFolder(options: Parameters<typeof openIntake>[0] = {}) {
    const folder = tempDir();
    chmodSync(folder, 0o770);
    const { documents, log, observer, said } = await openIntake(options);
    const watched = new DocumentsFolder({ folder, intake: documents, log, pollMs: 5 });
    watched.start();
    onTestFinished(() => watched.stop());
    const drop = (name: string, content: string) => {
      writeFileSync(join(folder, `${name}.part`), content);
      renameSync(join(folder, `${name}.part`), join(folder, name));
    };
    const names = (of: string) => {
      try {
        return readdirSync(join(folder, of)).sort();
      } catch {
        return [];
      }
    };
    return { drop, folder, names, observer, said, watched };
  }

  test('gives what is renamed into it to the gateway, and moves it to done', async () => {
    const { drop, folder, names, observer } = await startFolder();
    writeFileSync(join(folder, 'half.json.part'), '{"id":');
    mkdirSync(join(folder, 'odd.json'));
    drop('a.json', text(asn));
    await until(() => names('done').length === 1);
    expect(observer.stock.document('ASN-7')).toBeDefined();
    drop('a.json', text({ ...asn, version: 2 }));
    await until(() => names('done').length === 2);
    expect(names('done')).toEqual(['a.2.json', 'a.json']);
    expect(names('.')).toEqual(['done', 'half.json.part', 'odd.json']);
  });

  test('puts the reason beside what it refuses, and goes on with the next', async () => {
    const { drop, folder, names } = await startFolder();
    drop('a.json', text({ ...asn, site: 'hamburg' }));
    drop('b.json', 'x'.repeat(1_100_000));
    drop('c.json', text(asn));
    await until(() => names('done').length === 1 && names('refused').length === 4);
    expect(names('refused')).toEqual(['a.json', 'a.reason.json', 'b.json', 'b.reason.json']);
    const reason = readFileSync(join(folder, 'refused', 'a.reason.json'), 'utf8');
    expect(JSON.parse(reason)).toMatchObject({
      code: 'BAD_INPUT',
      faults: [{ path: 'site', value: 'hamburg' }],
    });
  });

  test('goes on behind a file that it cannot take, says which, and takes it once that is mended', async () => {
    const { drop, folder, names, observer, said, watched } = await startFolder();
    const elsewhere = join(folder, 'elsewhere.txt');
    writeFileSync(elsewhere, text({ ...asn, id: 'ASN-LINK' }));
    symlinkSync(elsewhere, join(folder, 'a.json'));
    mkdirSync(join(folder, 'b.json'));
    execFileSync('mkfifo', [join(folder, 'c.json')]);
    // Nothing can be moved there yet, as when somebody else made it.
    writeFileSync(join(folder, 'refused'), 'no folder');
    drop('d.json', '{}');
    drop('e.json', text(asn));
    await until(() => names('done').length === 1 && watched.stuck().length === 4);
    expect(observer.stock.documents()).toHaveLength(1);
    expect(watched.stuck().map(({ file }) => file)).toEqual([
      'a.json',
      'b.json',
      'c.json',
      'd.json',
    ]);
    expect(watched.stuck().map(({ reason }) => reason.split(':')[0])).toEqual([
      'is a link',
      'is a folder',
      'is a pipe',
      'EEXIST',
    ]);
    const stuck = () => said.filter((line) => line.msg === 'documents.file-stuck');
    expect(stuck()).toHaveLength(4);
    rmSync(join(folder, 'refused'));
    rmSync(join(folder, 'b.json'), { recursive: true });
    await until(() => names('refused').length === 2 && watched.stuck().length === 2);
    expect(stuck()).toHaveLength(4);
  });

  test('refuses a file of the longest name there is, with its reason', async () => {
    const { drop, folder, names } = await startFolder();
    const name = `${'ä'.repeat(122)}.json`;
    writeFileSync(join(folder, 'tmp'), '{}');
    renameSync(join(folder, 'tmp'), join(folder, name));
    drop('z.json', text(asn));
    await until(() => names('done').length === 1 && names('refused').length === 2);
    writeFileSync(join(folder, 'tmp'), '{}');
    renameSync(join(folder, 'tmp'), join(folder, name));
    await until(() => names('refused').length === 4);
    const lengths = names('refused').map((one) => Buffer.byteLength(one));
    expect(Math.max(...lengths)).toBeLessThanOrEqual(255);
    expect(names('refused').filter((one) => one.endsWith('.reason.json'))).toHaveLength(2);
    expect(names('.').filter((one) => one.endsWith('.json'))).toEqual([]);
  });

  test('keeps what cannot be taken now, in its order', async () => {
    const { drop, names } = await startFolder({ isHeld: true });
    drop('a.json', text(asn));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(names('.')).toEqual(['a.json']);
  });
});

describe('over HTTP', () => {
  async function startApi() {
    const { documents, log, observer } = await openIntake();
    const status = { target: 'wms', type: 'file', state: 'current', epoch: 1 } as const;
    const target = { ...status, seq: 4, lagEvents: 0, delivered: 4, failures: 0 };
    const api = createGatewayApi({
      host: '127.0.0.1',
      port: 0,
      token: 'the-token',
      source: {
        status: () => {
          throw new Error('not asked for');
        },
        quarantine: () => [],
      },
      feed: { token: 'feed-token', documents, status: () => [target] },
      log,
    });
    const port = await api.start();
    onTestFinished(() => api.stop());
    const ask = (path: string, token: string, body?: string) =>
      fetch(`http://127.0.0.1:${port}${path}`, {
        headers: { authorization: `Bearer ${token}` },
        ...(body === undefined ? {} : { method: 'POST', body }),
      });
    return { ask, observer };
  }

  test('the feed token opens documents and cursors, and nothing else', async () => {
    const { ask } = await startApi();
    const posted = await ask('/documents', 'feed-token', text(asn));
    expect(posted.status).toBe(200);
    expect(await posted.json()).toEqual({
      durable: true,
      documents: [{ id: 'ASN-7', version: 1, state: 'taken' }],
    });
    const feed = await ask('/feed', 'feed-token');
    expect(await feed.json()).toMatchObject({ targets: [{ target: 'wms', seq: 4, lagEvents: 0 }] });
    for (const path of ['/metrics', '/devices', '/quarantine', '/config']) {
      expect((await ask(path, 'feed-token')).status, path).not.toBe(200);
    }
    expect((await ask('/feed', 'the-token')).status).toBe(401);
    expect((await ask('/documents', 'the-token', text(asn))).status).toBe(401);
  });

  test('every fault is in the answer', async () => {
    const { ask, observer } = await startApi();
    const answer = await ask('/documents', 'feed-token', text({ ...asn, site: 'x', zone: 'y' }));
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({
      code: 'BAD_INPUT',
      retryable: false,
      faults: [{ path: 'site' }, { path: 'zone' }],
    });
    const large = await ask('/documents', 'feed-token', 'x'.repeat(1_100_000));
    expect(large.status).toBe(413);
    expect(await large.json()).toMatchObject({ code: 'BODY_TOO_LARGE' });
    expect(observer.stock.documents()).toEqual([]);
  });
});
