import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jetstream } from '@nats-io/jetstream';
import { createUser } from '@nats-io/nkeys';
import { connect, nkeyAuthenticator, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { apiPaths } from '#contracts/api/routes-api.ts';
import { csrfHeader } from '#contracts/api/session-api.ts';
import { eventEvidence, movementsPage, stockPage } from '#contracts/api/stock-api.ts';
import { eventHash, genesisHash } from '#contracts/chain.ts';
import { proveExport, type ExportedEvent } from '#contracts/testing/prove-export.ts';
import { inboxPrefix, subjectOf } from '#contracts/subjects.ts';
import type { SignedReceipt } from '#contracts/uplink.ts';
import { validate } from '#contracts/validate.ts';
import { appeared, JournalFixture, posted } from './intake/testing/journal-fixture.ts';
import { sha256Hex } from './intake/wire-crypto.ts';
import type { InitResult } from './provision/init-hub.ts';
import { freePort } from '#contracts/testing/free-port.ts';
import { startNats } from './provision/testing/nats-process.ts';
import { linesOf, startHubProcess } from './testing/hub-process.ts';

const { natsServer } = inject('programs');

/** Item text as a hostile device would have it. */
const item = '<img src=x onerror=alert(1)>';
const login = createUser();
const journal = new JournalFixture('berlin', 'gw-1').add(
  appeared('3074257BF7194E4000001A85'),
  posted(item, 5),
  posted(item, 2, { zone: 'rack', from: 'dock' }),
);
const address = journal.address;

let folder: string;
let hub: InitResult;
let nats: Awaited<ReturnType<typeof startNats>>;
let running: ReturnType<typeof startHubProcess>;
let gateway: NatsConnection;
let cookie: string;

const command = (...typed: string[]) => startHubProcess(folder, ...typed).ended;
const config = ['--config', 'hub/hub.yaml'];

async function get(path: string): Promise<Response> {
  return fetch(new URL(path, hub.url), { headers: { cookie } });
}

/** The whole way in, with nothing but what `init` and `gateway add` wrote. */
describe.skipIf(natsServer === '')(
  'from a gateway’s login to the console (needs nats-server)',
  () => {
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'holdfast-path-'));
      const natsPort = String(await freePort());
      const ports = ['--http-port', String(await freePort()), '--nats-port', natsPort];
      hub = JSON.parse((await command('init', '--dir', 'hub', ...ports)).stdout) as InitResult;
      nats = await startNats(hub.natsConfig);
      running = startHubProcess(folder, ...config);
      await running.said('nats.connected');
      const gatewayOptions = ['--site', 'berlin', '--id', 'gw-1', '--nkey', login.getPublicKey()];
      const added = ['gateway', 'add', ...config, ...gatewayOptions];
      await command(...added, '--signing-key', journal.signingKey);
      await nats.said('Reloaded: authorization users');
      gateway = await connect({
        servers: `nats://127.0.0.1:${natsPort}`,
        authenticator: nkeyAuthenticator(login.getSeed()),
        inboxPrefix: inboxPrefix(address),
      });
      const signedIn = await fetch(new URL(apiPaths.session, hub.url), {
        method: 'POST',
        headers: { 'content-type': 'application/json', [csrfHeader]: '1' },
        body: JSON.stringify(hub.administrator),
      });
      cookie = signedIn.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    }, 60_000);
    afterAll(async () => {
      await gateway.close();
      await running.stop('SIGTERM');
      await nats.stop();
      await rm(folder, { recursive: true, maxRetries: 5 });
    });

    test('a gateway that was added while all runs is taken in and told so', async () => {
      const stream = await get(apiPaths.stream);
      const receipts: SignedReceipt['receipt'][] = [];
      gateway.subscribe(subjectOf(address, 'receipt'), {
        callback: (_error, message) => {
          receipts.push((JSON.parse(message.string()) as SignedReceipt).receipt);
        },
      });
      await vi.waitFor(
        async () => {
          const answer = await gateway.request(subjectOf(address, 'hello'), journal.hello());
          const { receipt } = JSON.parse(answer.string()) as SignedReceipt;
          expect(receipt.state).toBe('open');
        },
        { timeout: 20_000, interval: 100 },
      );
      await jetstream(gateway).publish(subjectOf(address, 'up'), journal.batch(1, 3));
      await vi.waitFor(() => expect(receipts.at(-1)?.committed).toBe(3), { timeout: 20_000 });
      expect(receipts.at(-1)?.headHash).toBe(journal.headHash);

      const reader = (stream.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream());
      let heard = '';
      for await (const text of reader) {
        heard += text;
        if (heard.includes('"topic":"stock"')) break;
      }
      expect(heard).toContain('"sites":["berlin"]');
    }, 60_000);

    test('stock, movements and evidence lead from the figure to what was signed', async () => {
      const page = validate(stockPage, await (await get(`${apiPaths.stock}?sort=zone`)).json());
      if (!page.ok) throw new Error(page.refusal.message);
      expect(
        page.value.rows.map(({ zone, quantity, lastEvent }) => [zone, quantity, lastEvent]),
      ).toEqual([
        ['dock', 3, 'gw-1/1/3'],
        ['rack', 2, 'gw-1/1/3'],
      ]);
      expect(page.value.rows[0]?.item).toBe(item);

      const row = new URLSearchParams({ site: 'berlin', zone: 'dock', status: 'available' });
      row.set('owner', 'own');
      row.set('item', item);
      const moved = validate(
        movementsPage,
        await (await get(`${apiPaths.movements}?${row}`)).json(),
      );
      const quantities = moved.ok ? moved.value.rows.map(({ quantity }) => quantity) : [];
      expect(new Set(quantities)).toEqual(new Set([-2, 5]));

      const evidence = validate(eventEvidence, await (await get('/api/events/gw-1/1/2')).json());
      expect(evidence).toMatchObject({
        ok: true,
        value: { hash: journal.hashAt(2), chainVerified: true, signatureVerified: true },
      });
      const shown = [1, 2, 3].map(async (seq): Promise<ExportedEvent> => {
        const found = validate(
          eventEvidence,
          await (await get(`/api/events/gw-1/1/${seq}`)).json(),
        );
        if (!found.ok) throw new Error(found.refusal.message);
        const { checkpoint, signedSeq, ...event } = found.value;
        return { ...event, seq, ...(signedSeq === seq && checkpoint && { checkpoint }) };
      });
      expect(proveExport(await Promise.all(shown), journal.signingKey)).toBe(3);
      expect((await get('/api/events/gw-1/1/4')).status).toBe(404);
    });

    test('the exported lane proves itself, and balances', async () => {
      const exported = linesOf(await command('export-lane', ...config, '--evidence'));
      expect(proveExport(exported as unknown as ExportedEvent[], journal.signingKey)).toBe(3);
      let hash = genesisHash(journal.epoch, sha256Hex);
      for (const event of exported) {
        const stored = { header: String(event['header']), payload: String(event['payload']) };
        hash = eventHash(hash, stored, sha256Hex);
        expect(event['hash']).toBe(hash);
        const quantities = (event['lines'] as { quantity: number }[]).map((line) => line.quantity);
        expect(quantities.reduce((sum, quantity) => sum + quantity, 0)).toBe(0);
      }
      expect(exported.map(({ seq, kind, state }) => [seq, kind, state])).toEqual([
        [1, 'tag.appeared', 'applied'],
        [2, 'stock.received', 'applied'],
        [3, 'stock.moved', 'applied'],
      ]);
      const [first] = exported;
      const rest = await command('export-lane', ...config, '--after', String(first?.['position']));
      expect(linesOf(rest).map(({ seq }) => seq)).toEqual([2, 3]);
    }, 30_000);

    test('beside the running hub the projections are made anew, to the same figures', async () => {
      const before = (await (await get(apiPaths.stock)).json()) as { rows: unknown };
      expect(linesOf(await command('rebuild', ...config))).toMatchObject([{ events: 3 }]);
      const after = (await (await get(apiPaths.stock)).json()) as { rows: unknown };
      expect(after.rows).toEqual(before.rows);
    }, 30_000);

    test('what was changed after it was signed is put aside and listed', async () => {
      journal.add(posted(item, 5));
      const forged = journal.batch(4, 4, (text) => text.replaceAll('"quantity":5', '"quantity":6'));
      await jetstream(gateway).publish(subjectOf(address, 'up'), forged);
      await vi.waitFor(
        async () => {
          const listed = linesOf(await command('quarantine', 'list', ...config));
          expect(listed).toMatchObject([{ gateway: 'gw-1', site: 'berlin', bytes: forged.length }]);
        },
        { timeout: 20_000 },
      );
    }, 40_000);
  },
);
