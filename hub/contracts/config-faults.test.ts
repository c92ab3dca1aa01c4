import fc from 'fast-check';
import Type from 'typebox';
import { describe, expect, test } from 'vitest';
import { describeFault, formFaults, lineFound } from './config-fault.ts';
import { describeFaults, pathText } from './config-faults.ts';
import { closed, name, oneOf } from './schema.ts';
import { validate } from './validate.ts';

const port = Type.Integer({ minimum: 1, maximum: 65535 });
const schema = closed({
  site: name,
  http: closed({ host: Type.String(), port, passwordFile: Type.Optional(Type.String()) }),
  mode: Type.Optional(oneOf(['post', 'unverified', 'task'])),
  devices: Type.Array(
    closed({
      id: name,
      source: Type.Union([
        closed({ type: Type.Literal('mqtt'), port }),
        closed({ type: Type.Literal('opcua'), endpoint: Type.String({ pattern: '^opc' }) }),
      ]),
    }),
    { minItems: 1, maxItems: 3 },
  ),
});
const good = {
  site: 'berlin',
  http: { host: '127.0.0.1', port: 8080 },
  devices: [{ id: 'dock-1', source: { type: 'mqtt', port: 1 } }],
};

const remedies = (value: unknown) =>
  Object.fromEntries(describeFaults(schema, value).map((fault) => [fault.path, fault.remedy]));

describe('faults of a config file', () => {
  test('a file that fits has none', () => {
    expect(describeFaults(schema, good)).toEqual([]);
  });

  test('every fault is told at once, with path, value and remedy', () => {
    const faults = describeFaults(schema, {
      site: 'Berlin',
      http: { host: '127.0.0.1', port: 70_000 },
      mode: 'tsak',
      devices: [{ id: 'dock-1', source: { type: 'mqtt', port: '1' } }, { id: 7 }],
    });
    expect(faults.map(({ path, value }) => [path, value])).toEqual([
      ['site', 'Berlin'],
      ['http.port', 70_000],
      ['mode', 'tsak'],
      ['devices[0].source.port', '1'],
      ['devices[1].id', 7],
      ['devices[1].source', undefined],
    ]);
    expect(faults.map((fault) => fault.remedy)).toEqual([
      'use a name of 1 to 40 lower-case letters, digits and dashes',
      'use a whole number from 1 to 65535',
      'use "post", "unverified" or "task" (did you mean "task"?)',
      'use a whole number from 1 to 65535, without quotes',
      'use a name of 1 to 40 lower-case letters, digits and dashes, in quotes',
      'add it: an object with type: mqtt or an object with type: opcua',
    ]);
  });

  test('more faults than a validator reports at once are all told', () => {
    const devices = Array.from({ length: 30 }, () => ({ id: 'X', source: { type: 'mqtt' } }));
    expect(describeFaults(schema, { ...good, devices })).toHaveLength(1 + 30 * 2);
  });

  test('of a union only the arm that was meant is worded', () => {
    const devices = [{ id: 'plc', source: { type: 'opcua', endpoint: 'http:', port: 3 } }];
    expect(remedies({ ...good, devices })).toEqual({
      'devices[0].source.endpoint': 'use text that matches ^opc',
      'devices[0].source.port': 'remove it: known here are type and endpoint',
    });
  });

  test('a union whose arm nobody can tell is one fault, at the word that tells them apart', () => {
    expect(remedies({ ...good, devices: [{ id: 'plc', source: { type: 'tcp' } }] })).toEqual({
      'devices[0].source.type': 'use "mqtt" or "opcua"',
    });
  });

  test('a misspelt key is told with the key that was probably meant', () => {
    expect(remedies({ ...good, http: { ...good.http, prot: 1, colour: 'red' } })).toEqual({
      'http.prot': 'write "port" if you meant that, else remove it',
      'http.colour': 'remove it: known here are host, port and passwordFile',
    });
  });

  test('a file that is empty, a list or a word is told as a whole', () => {
    for (const value of [null, undefined, [], 'x', 3]) {
      expect(describeFaults(schema, value).map((fault) => fault.path)).toEqual(['']);
    }
  });

  test('a secret that someone wrote into the file is not repeated', () => {
    const faults = describeFaults(schema, { ...good, http: { ...good.http, password: 'hunter2' } });
    expect(JSON.stringify(faults)).not.toContain('hunter2');
    expect(faults[0]?.value).toBe('[hidden]');
  });

  test('a keyword that the walk does not know is still told', () => {
    const even = closed({
      n: Type.Integer({ multipleOf: 2 }),
      o: Type.Object({}, { minProperties: 1 }),
    });
    expect(describeFaults(even, { n: 3, o: { a: 1 } }).map((fault) => fault.path)).toEqual(['n']);
    expect(describeFaults(even, { n: 2, o: {} }).map((fault) => fault.path)).toEqual(['o']);
  });

  test('the words agree with the validator on whatever comes', () => {
    const near = fc.record(
      {
        site: fc.oneof(fc.constant('berlin'), fc.string()),
        http: fc.oneof(fc.constant(good.http), fc.jsonValue()),
        mode: fc.oneof(fc.constantFrom('post', 'task'), fc.jsonValue()),
        devices: fc.oneof(fc.constant(good.devices), fc.array(fc.jsonValue()), fc.jsonValue()),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(near, fc.jsonValue()), (value) => {
        expect(describeFaults(schema, value).length === 0).toBe(validate(schema, value).ok);
      }),
    );
  });

  test('paths read as a person writes them', () => {
    expect(pathText(['devices', 2, 'mqtt', 'port'])).toBe('devices[2].mqtt.port');
    expect(pathText([])).toBe('');
  });
});

test('a number that JSON has no word for is shown as it stands in the file', () => {
  const [fault] = formFaults(closed({ port }), { port: NaN });
  expect(fault && describeFault(fault)).toContain('found NaN');
  const [above] = formFaults(closed({ port }), { port: Infinity });
  expect(above && describeFault(above)).toContain('found Infinity');
});

test('a line that is no YAML is shown, a secret never', () => {
  expect(lineFound('a: 1\n  b: [1\n', 2)).toBe('b: [1');
  expect(lineFound('a: 1\npassword: "x\n', 2)).toBe('[hidden]');
  expect(lineFound('a: 1\n\n', 3)).toBe('a: 1');
  expect(lineFound('\n', 1)).toBeUndefined();
});
