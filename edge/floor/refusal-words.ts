import type { ActRefusal, FloorAct } from '#contracts/acts.ts';
import type { FloorActAnswer } from '#contracts/api/floor-api.ts';
import { pathText } from '#contracts/config-faults.ts';

type Keys = readonly (string | number)[];

/** The fields that may be in the way, the likeliest first, and what a person can do. */
const words: Readonly<Record<ActRefusal, readonly [fields: readonly Keys[], remedy: string]>> = {
  'lease-missing': [[], 'ask for rights at this site: somebody must lend them to you'],
  'lease-expired': [[], 'your rights have run out: have them renewed'],
  'not-permitted': [[['type']], 'somebody whose rights include this must do it'],
  'zone-not-permitted': [[['toZone'], ['zone']], 'use a zone of yours, or have it done'],
  'owner-not-permitted': [[['what', 'goods', 'owner'], ['owner']], 'these goods are not yours'],
  'limit-per-entry': [[['quantity']], 'take less, or have somebody with a higher limit do it'],
  'limit-cumulative': [[['quantity']], 'your limit is used up: have it renewed, or take less'],
  'value-unknown': [[['item'], ['what', 'goods', 'item']], 'somebody without a value limit must'],
  'beyond-balance': [
    [['quantity'], ['what', 'goods', 'quantity'], ['goods']],
    'take less, or count the place first',
  ],
  'unknown-zone': [[['toZone'], ['zone']], 'use a zone of this site'],
  'unknown-unit': [[['what', 'unit'], ['units'], ['parent']], 'scan it again, or receive it first'],
  'unknown-document': [[['document', 'id']], 'use a document that is open here'],
  'document-closed': [[['document', 'id']], 'nothing more is taken on it: ask for a new one'],
  'not-on-document': [
    [
      ['what', 'goods', 'item'],
      ['what', 'unit'],
      ['document', 'id'],
    ],
    'use the document that names it, or none',
  ],
  'over-document': [[['what', 'goods', 'quantity']], 'take what is still expected, the rest apart'],
  'document-required': [
    [['document', 'id']],
    'name the document that it is for; posting.documentRequired in the config says where one is needed',
  ],
  'task-mismatch': [[['task']], 'work the task off as it asks, or do this without naming it'],
  'task-not-yours': [[['task']], 'leave it to somebody else whose rights include this'],
  'author-revoked': [[], 'somebody with rights here looks at it, and does it or leaves it'],
  'unknown-transfer': [[['transfer']], 'look at the list again: it may be settled by now'],
  'not-on-transfer': [
    [
      ['what', 'unit'],
      ['what', 'goods', 'item'],
    ],
    'receive it without naming one',
  ],
  'unknown-gateway': [[['from']], 'name a gateway whose zones this one knows'],
  'unknown-task': [[['task']], 'it is done already, or over: look at the list again'],
  'unknown-count': [[['recountOf']], 'begin with a first count'],
  'same-person': [[], 'have somebody else count it again'],
  'lot-required': [[['what', 'goods', 'lot'], ['lot']], 'name the lot'],
  'serials-required': [[['what', 'goods', 'serials'], ['serials']], 'scan each piece'],
  'serials-mismatch': [
    [['what', 'goods', 'serials'], ['serials']],
    'scan as many pieces of this item as you say, each once',
  ],
  'serial-elsewhere': [
    [['what', 'goods', 'serials'], ['serials']],
    'move it from where the book has it, or have that looked into',
  ],
  'unit-elsewhere': [[['what', 'unit'], ['units'], ['parent']], 'move the unit here first'],
  'containment-circle': [[['units'], ['parent']], 'a unit cannot be within itself: use another'],
  'not-in-unit': [[['units'], ['serials'], ['goods'], ['parent']], 'scan what is in it'],
  'wrong-status': [[['status'], ['toStatus'], ['zone']], 'name a status that fits, or release it'],
  'nothing-to-do': [[['what', 'unit'], ['parent']], 'it is so already'],
  'too-large': [[['found'], ['zone']], 'do it in parts'],
  'gateway-fault': [[], 'nothing of it was done: report it, the gateway kept what was asked'],
};

/** A refusal as a person needs it: the field in the way, its value, and what to do. */
export function refusalOf(
  act: FloorAct,
  code: ActRefusal,
  detail: string,
): NonNullable<FloorActAnswer['refusal']> {
  const [fields, remedy] = words[code];
  // Of two zones the one that is meant is the one that the detail names.
  const found =
    fields.find((keys) => valueAt(act, keys) === detail) ??
    fields.find((keys) => valueAt(act, keys) !== undefined);
  // What is missing is told by the field that should be there.
  const keys = found ?? (code.endsWith('-required') ? fields[0] : undefined);
  return {
    code,
    detail,
    path: keys === undefined ? null : pathText(keys),
    value: (keys && valueAt(act, keys)) ?? null,
    remedy,
  };
}

function valueAt(value: unknown, keys: Keys): unknown {
  let at = value;
  for (const key of keys) at = (at as Record<string | number, unknown> | undefined)?.[key];
  return at;
}
