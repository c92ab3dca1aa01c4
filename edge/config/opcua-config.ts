import Type from 'typebox';
import type { Static } from 'typebox';
import { closed, name, oneOf } from '#contracts/schema.ts';
import { countMembers, tagRoles } from '../../devices/plc/opcua-sample.ts';
import { expiredCertificatePolicies } from '../../devices/plc/opcua-trust.ts';

/** How a gateway's config file says what is to be read from an OPC UA server. */

const node = Type.String({
  minLength: 3,
  maxLength: 500,
  description: 'nsu=<namespace URI>;s=… or nsu=…;i=…',
});

const opcUaTag = closed({
  name,
  node,
  role: oneOf(tagRoles),
  registerMax: Type.Optional(
    Type.Integer({ minimum: 1, description: 'highest value before the register wraps to zero' }),
  ),
  element: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 999,
      description: 'the one element of an array that counts; without it each is a counter',
    }),
  ),
  member: Type.Optional(
    oneOf(countMembers, {
      description: 'which number of a PackML count counts; default AccCount',
    }),
  ),
  states: Type.Optional(
    Type.Array(
      closed({ value: Type.Integer(), state: Type.String({ minLength: 1, maxLength: 40 }) }),
      {
        maxItems: 200,
        description: 'what the numbers of a plain state tag mean',
      },
    ),
  ),
  severity: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 1000, description: 'of an alarm tag; default 500' }),
  ),
  text: Type.Optional(Type.String({ maxLength: 500, description: 'what an alarm tag means' })),
});
export type OpcUaTagConfig = Static<typeof opcUaTag>;

/** A family of tags that many machines have alike; `{…}` in `node` and `text` stands for a value. */
export const plcTemplate = closed({
  id: name,
  tags: Type.Array(opcUaTag, { minItems: 1, maxItems: 200 }),
});
export type PlcTemplate = Static<typeof plcTemplate>;

/** One machine of a PLC, as its template has it: its tags are called `<name>-<tag>`. */
const plcLine = closed({
  name,
  template: name,
  with: Type.Optional(
    Type.Record(Type.String(), Type.Union([Type.String(), Type.Integer()]), {
      description: 'what the placeholders of the template stand for here; {name} is the line',
    }),
  ),
});
export type PlcLine = Static<typeof plcLine>;

export const opcUa = closed({
  endpoint: Type.String({ pattern: '^opc\\.tcp://' }),
  username: Type.Optional(Type.String({ maxLength: 80 })),
  passwordFile: Type.Optional(Type.String({ minLength: 1, maxLength: 500 })),
  samplingMs: Type.Integer({
    minimum: 10,
    maximum: 31 * 24 * 3_600_000,
    description: 'how often the server samples',
  }),
  queueSize: Type.Integer({ minimum: 1, maximum: 100_000 }),
  trustFirst: Type.Optional(
    Type.Boolean({
      description:
        'for commissioning on a network that is trusted at that moment: takes the first ' +
        'certificate that the PLC shows, where none is trusted yet; later changes are refused',
    }),
  ),
  expiredServerCertificate: Type.Optional(
    oneOf(expiredCertificatePolicies, {
      description:
        'a server certificate past its date: refuse (default), or accept-trusted: go on with one ' +
        'that is on the trusted list, as a standing fault of the device',
    }),
  ),
  tags: Type.Optional(Type.Array(opcUaTag, { maxItems: 2000 })),
  lines: Type.Optional(Type.Array(plcLine, { maxItems: 500 })),
  alarms: Type.Optional(
    closed(
      { notifier: Type.Optional(node) },
      { description: 'alarms and conditions (OPC UA Part 9); notifier: default the Server object' },
    ),
  ),
  scans: Type.Optional(
    closed(
      { notifier: Type.Optional(node) },
      { description: 'of an AutoID reader; notifier: the reader, default the Server object' },
    ),
  ),
});
export type OpcUaConfig = Static<typeof opcUa>;
