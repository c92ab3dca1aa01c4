import Type from 'typebox';
import type { Static } from 'typebox';
import { closed, name, oneOf } from '#contracts/schema.ts';

/** How a gateway feeds a warehouse system on its site: documents in, journalled events out. */
const path = Type.String({ minLength: 1, maxLength: 500 });
const timeoutMs = Type.Optional(
  Type.Integer({ minimum: 100, maximum: 120_000, description: 'unanswered for this long: failed' }),
);

const webhook = closed({
  url: Type.String({ minLength: 1, maxLength: 2000, description: 'http or https' }),
  secretFile: Type.String({
    minLength: 1,
    maxLength: 500,
    description: 'key of the signature, mode 0600: text, or whsec_ and base64',
  }),
  timeoutMs,
  batchEvents: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 500, description: 'events in a request; default 1' }),
  ),
});

export const defaultRotateBytes = 16 * 2 ** 20;
export const defaultKeepBytes = 2 ** 30;

const file = closed({
  folder: path,
  rotateBytes: Type.Optional(
    Type.Integer({ minimum: 1024, description: 'a file this long is closed; default 16 MiB' }),
  ),
  keepBytes: Type.Optional(
    Type.Integer({
      minimum: 1024,
      description: 'with so much in the folder it waits until files are taken; default 1 GiB',
    }),
  ),
});

const mqtt = closed({
  url: Type.String({ minLength: 1, maxLength: 500, description: 'mqtt or mqtts' }),
  topic: Type.String({
    pattern: '^[^#+\\u0000]+$',
    maxLength: 200,
    description: 'events go to this topic, a slash, and their kind',
  }),
  username: Type.Optional(Type.String({ minLength: 1, maxLength: 80 })),
  passwordFile: Type.Optional(path),
  timeoutMs,
});

/** One system that gets events: exactly one of `webhook`, `file` and `mqtt`. */
const target = closed({
  id: name,
  kinds: Type.Optional(
    Type.Array(Type.String({ pattern: '^[a-z]+\\.?[a-z-]*$', maxLength: 60 }), {
      minItems: 1,
      maxItems: 60,
      description: 'how the kinds begin that it gets, as in "stock."; default: all',
    }),
  ),
  from: Type.Optional(
    oneOf(['now', 'oldest'], { description: 'where a new target begins; default now' }),
  ),
  webhook: Type.Optional(webhook),
  file: Type.Optional(file),
  mqtt: Type.Optional(mqtt),
});

export const feedConfig = closed({
  tokenFile: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 500,
      description: 'opens POST /documents and GET /feed, and nothing else',
    }),
  ),
  documentsFolder: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 500,
      description: 'documents are taken from files *.json here',
    }),
  ),
  targets: Type.Optional(Type.Array(target, { maxItems: 20 })),
});
export type FeedConfig = Static<typeof feedConfig>;
export type FeedTargetConfig = NonNullable<FeedConfig['targets']>[number];
