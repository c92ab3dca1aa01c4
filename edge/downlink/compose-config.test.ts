import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { composeConfig } from './compose-config.ts';

const own = `# Gateway gw-1
gateway: { tenant: main, site: hamburg, id: gw-1 }
http: { host: 127.0.0.1, port: 8090 }
zones:
  - { id: dock, status: receiving }
items: []
`;

function composed(pushed: string): string {
  const result = composeConfig(own, pushed);
  if (!result.ok) throw new Error(result.refusal.message);
  return result.value;
}

test('sections of the pushed text take the place of the own ones, comments and all', () => {
  const text = composed(
    'zones: # two now\n  - { id: dock, status: receiving } # old\n  - id: yard\n',
  );
  expect(parse(text)).toEqual({
    gateway: { tenant: 'main', site: 'hamburg', id: 'gw-1' },
    http: { host: '127.0.0.1', port: 8090 },
    zones: [{ id: 'dock', status: 'receiving' }, { id: 'yard' }],
    items: [],
  });
  expect(text).toContain('# Gateway gw-1');
  expect(text).toContain('# old');
});

test('the same text again composes the same file', () => {
  const pushed = 'zones: [{ id: yard, status: available }]\n';
  const once = composed(pushed);
  const twice = composeConfig(once, pushed);
  expect(twice).toEqual({ ok: true, value: once });
});

test('a file that is JSON takes YAML, and aliases are written out', () => {
  const json = JSON.stringify({ gateway: { id: 'gw-1' }, zones: [] });
  const pushed = 'zones:\n  - &a { id: dock }\ndevices:\n  - *a\n';
  const result = composeConfig(json, pushed);
  expect(result.ok && parse(result.value)).toEqual({
    gateway: { id: 'gw-1' },
    zones: [{ id: 'dock' }],
    devices: [{ id: 'dock' }],
  });
});

test('what is the gateway’s own may stand in it as it is, and not otherwise', () => {
  expect(composed('gateway: { id: gw-1, tenant: main, site: hamburg }\nzones: []\n')).toContain(
    'gw-1',
  );
  const other = composeConfig(own, 'zones: []\nhttp: { host: 0.0.0.0, port: 8090 }\nhub: {}\n');
  expect(other).toMatchObject({
    ok: false,
    refusal: {
      code: 'CONFIG_INVALID',
      details: {
        faults: [
          { path: '/http', line: 2, column: 1 },
          { path: '/hub', line: 3 },
        ],
      },
    },
  });
});

test.each([
  ['zones: [', 1],
  ['zones: []\nzones: []\n', 2],
])('what is no YAML is refused with its line: %j', (text, line) => {
  expect(composeConfig(own, text)).toMatchObject({
    ok: false,
    refusal: { details: { faults: [{ line }] } },
  });
});

test.each(['', 'just words', '- a list'])('what has no sections is refused: %j', (text) => {
  expect(composeConfig(own, text)).toMatchObject({ ok: false });
});
