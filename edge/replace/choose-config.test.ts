import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { EnrolmentAnswer, EnrolmentToken } from '#contracts/enrolment.ts';
import type { BookRows } from '#contracts/site-book.ts';
import type { GatewayConfig } from '../config/gateway-config.ts';
import { tempDir } from '../testing/test-parts.ts';
import { chooseConfig, placeKeys } from './choose-config.ts';

const servers = ['nats://127.0.0.1:4222'];
const hubKey = `${'A'.repeat(43)}=`;
const address = { gateway: 'lyon-1', site: 'lyon', tenant: 'main' };
const token = { ...address, hubKey, hubUrls: ['http://127.0.0.1:8180'] } as EnrolmentToken;
const answer = { ...address, natsServers: servers } as EnrolmentAnswer;

function bookOf(
  config: string | null,
  ...accounts: [zone: string, status: 'available' | 'picking'][]
) {
  const of = { item: 'bolt', owner: 'own', quantity: 1 };
  const rows: BookRows = {
    accounts: accounts.map(([zone, status]) => ({ ...of, zone, status })),
    serials: [],
    tasks: [],
    units: [],
  };
  return { head: { config, downlinkSettled: 3, parts: 1, siteHash: null }, parts: [rows] };
}

const configIn = (text: string) => parse(text) as GatewayConfig;

describe('the config of a new box', () => {
  test('has the sections that the hub pushed last, and leaves them to the hub', () => {
    const pushed = 'zones: [{ id: cold-1, status: available }]\ndevices: []\n';
    const chosen = chooseConfig({ token, answer, book: bookOf(pushed), copy: undefined });
    expect(chosen.from).toBe('hub');
    expect(configIn(chosen.text)).toMatchObject({
      gateway: { id: 'lyon-1', site: 'lyon' },
      configOwner: 'hub',
      hub: { publicKey: hubKey, servers },
      zones: [{ id: 'cold-1' }],
    });
  });

  test('has the zones of the book where nobody knows more, each in the status it mostly had', () => {
    const book = bookOf(
      null,
      ['b', 'picking'],
      ['a', 'available'],
      ['b', 'picking'],
      ['b', 'available'],
    );
    const chosen = chooseConfig({ token, answer, book, copy: undefined });
    expect(chosen.from).toBe('book');
    expect(configIn(chosen.text).zones).toEqual([
      { id: 'a', status: 'available' },
      { id: 'b', status: 'picking' },
    ]);
  });

  test('is a copy as it is, if it is one of this gateway at this hub', () => {
    const { text } = chooseConfig({ token, answer, book: undefined, copy: undefined });
    const copy = `# by hand\n${text}`;
    expect(chooseConfig({ token, answer, book: undefined, copy })).toEqual({
      from: 'copy',
      text: copy,
    });
    const other = text.replaceAll('lyon-1', 'lyon-2');
    expect(() => chooseConfig({ token, answer, book: undefined, copy: other })).toThrow(
      /no config of lyon\/lyon-1/,
    );
  });

  test('finds its keys where a copy names them, and none that is there is replaced', () => {
    const dir = tempDir();
    mkdirSync(join(dir, 'keys'));
    mkdirSync(join(dir, 'secrets'));
    for (const name of ['login.seed', 'signing.pem', 'http.token']) {
      writeFileSync(join(dir, 'keys', name), `new ${name}`, { mode: 0o600 });
    }
    writeFileSync(join(dir, 'secrets/http.token'), 'kept', { mode: 0o600 });
    const { text } = chooseConfig({ token, answer, book: undefined, copy: undefined });
    placeKeys(dir, text.replaceAll('keys/', 'secrets/'), join(dir, 'gateway.yaml'));
    expect(readFileSync(join(dir, 'secrets/login.seed'), 'utf8')).toBe('new login.seed');
    expect(readFileSync(join(dir, 'secrets/http.token'), 'utf8')).toBe('kept');
  });
});
