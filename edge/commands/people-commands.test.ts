import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { SitePeople } from '#contracts/people.ts';
import { verifyPassword } from '../floor/password-hash.ts';
import { setUpGateway } from '../testing/gateway-process.ts';
import { tempDir } from '../testing/test-parts.ts';
import { allCommands } from './all-commands.ts';
import { execute } from './execute.ts';

async function openSite() {
  const dir = tempDir();
  const { file } = await setUpGateway(dir);
  const config = JSON.parse(readFileSync(file, 'utf8')) as object;
  writeFileSync(file, JSON.stringify({ ...config, floor: { peopleFile: 'keys/people.json' } }));
  writeFileSync(join(dir, 'pin'), '402917\n', { mode: 0o600 });
  const run = async (...typed: string[]) => {
    const out: string[] = [];
    const said: string[] = [];
    const code = await execute([...typed, '--config', file], allCommands, {
      cwd: dir,
      out: async (line) => void out.push(line),
      input: async () => '402917\n',
      say: (line) => void said.push(line),
    });
    const lines = out.map((line) => JSON.parse(line) as Record<string, unknown>);
    return { code, lines, text: [...out, ...said].join('\n') };
  };
  const people = join(dir, 'keys/people.json');
  const list = () => JSON.parse(readFileSync(people, 'utf8')) as SitePeople;
  return { dir, file, list, people, run };
}

const mia = ['people', 'add', 'mia', '--name', 'Mia Berg', '--role', 'operator'];

describe('people', () => {
  test('are added with the password from a file, which is nowhere in the open', async () => {
    const { list, people, run } = await openSite();
    const added = await run(...mia, '--password-file', 'pin', '--limit-entry', '5', '--days', '7');
    expect(added).toMatchObject({ code: 0, lines: [{ username: 'mia', role: 'operator' }] });
    expect(added.text).not.toContain('argon2');
    const [one] = list().people;
    expect(await verifyPassword('402917', one?.passwordHash ?? '')).toBe(true);
    expect(await verifyPassword('402918', one?.passwordHash ?? '')).toBe(false);
    expect(one?.lease).toMatchObject({ person: one?.id, limitPerEntry: 5, limitCumulative: 50 });
    expect(one?.lease?.may).not.toContain('adjust');
    expect(statSync(people).mode & 0o777).toBe(0o600);
    expect(readFileSync(people, 'utf8')).not.toContain('402917');
    expect((await run('people', 'list')).lines).toEqual(added.lines);
    expect((await run(...mia, '--password-file', 'pin')).code).toBe(1);
  });

  test('are added with the password from stdin, named or not', async () => {
    const { list, run } = await openSite();
    expect((await run(...mia, '--password-file', '-')).code).toBe(0);
    const [, , , ...rest] = mia;
    expect((await run('people', 'add', 'noa', ...rest)).code).toBe(0);
    for (const one of list().people) {
      expect(await verifyPassword('402917', one.passwordHash ?? '')).toBe(true);
    }
  });

  test('are revoked, also as of an earlier time, and let in again with a new password', async () => {
    const { list, run } = await openSite();
    await run(...mia, '--password-file', 'pin');
    const at = new Date(Date.now() - 60_000).toISOString();
    expect(await run('people', 'revoke', 'MIA', '--at', at)).toMatchObject({ code: 0 });
    expect(list().people[0]?.revokedAtMs).toBe(Date.parse(at));
    await run('people', 'revoke', 'mia');
    expect(list().people[0]?.revokedAtMs).toBe(Date.parse(at));
    expect((await run('people', 'renew', 'mia')).text).toContain('give --password-file');
    const again = await run(
      'people',
      'renew',
      'mia',
      '--password-file',
      'pin',
      '--zones',
      'zone-reader-0',
    );
    expect(again).toMatchObject({ code: 0 });
    const [one] = list().people;
    expect(one?.revokedAtMs).toBeUndefined();
    const toMs = one?.lease?.validFromMs;
    expect(one?.revokedBefore).toEqual([{ fromMs: Date.parse(at), toMs }]);
    await run('people', 'renew', 'mia');
    expect(list().people[0]?.revokedBefore).toHaveLength(1);
    expect(one?.lease?.validFromMs).toBeGreaterThan(Date.parse(at));
    expect(one?.lease?.zones).toEqual(['zone-reader-0']);
    expect(list().version).toBe(5);
  });

  test.each([
    [['--password-file', 'pin', '--days', 'x'], '--days "x": write a whole number'],
    [['--password-file', 'pin', '--zones', 'attic'], '--zones "attic": use zones'],
    [['--password-file', 'short'], 'a password has 6 to 200 characters'],
    [['--password-file', 'open'], 'is open to others'],
  ])('with %j are refused, with what to do', async (options, message) => {
    const { dir, run } = await openSite();
    writeFileSync(join(dir, 'short'), '123', { mode: 0o600 });
    writeFileSync(join(dir, 'open'), '402917', { mode: 0o644 });
    const { code, text } = await run(...mia, ...options);
    expect(code).toBeGreaterThan(0);
    expect(text).toContain(message);
  });

  test('of a list that others may read, or that is broken, are not touched', async () => {
    const { file, people, run } = await openSite();
    await run(...mia, '--password-file', 'pin');
    writeFileSync(people, readFileSync(people, 'utf8').replace('"operator"', '"boss"'));
    expect((await run('people', 'list')).text).toContain('people[0].role is "boss"');
    const plain = JSON.parse(readFileSync(file, 'utf8')) as { floor?: object };
    delete plain.floor;
    writeFileSync(file, JSON.stringify(plain));
    expect((await run('people', 'list')).text).toContain('has no floor page');
  });
});
