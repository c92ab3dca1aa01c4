import { hash } from 'node:crypto';
import { join, resolve } from 'node:path';
import { Fault } from '#contracts/fault.ts';
import { readIntake } from '../intake/intake-store.ts';
import type { IntakeEntry } from '../intake/intake-entry.ts';
import { readJournal, type ListedEvent } from '../journal/read-journal.ts';
import { verifyJournal } from '../journal/verify-journal.ts';
import { signerOf } from './sign-export.ts';
import type { Command, CommandContext, CommandOptions } from './command.ts';
import { optionOf } from './option-of.ts';

/** All of these only read, and may do so beside a running gateway. */

const after = { value: 'N' } as const;

export const exportIntakeCommand: Command = {
  name: 'intake export',
  options: { data: { value: 'DIR', required: true }, after },
  summary:
    'print every intake entry that is kept, one JSON object a line; with --after those behind',
  async run(context, options) {
    const path = join(dataDir(context, options), 'intake.db');
    for (const entry of readIntake(path, afterOf(options))) {
      await context.out(JSON.stringify(lineOf(entry)));
    }
    return 0;
  },
};

function lineOf({ pos, receivedAtMs, body }: IntakeEntry) {
  if (body.type === 'message') {
    const { payload, ...rest } = body;
    const sha256 = hash('sha256', payload, 'hex');
    return { pos, receivedAtMs, ...rest, payload: base64(payload), sha256 };
  }
  if (body.type === 'refused') {
    const { head, ...rest } = body;
    return { pos, receivedAtMs, ...rest, head: base64(head) };
  }
  return { pos, receivedAtMs, ...body };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');
}

export const exportJournalCommand: Command = {
  name: 'journal export',
  options: { data: { value: 'DIR', required: true }, after, key: { value: 'FILE' } },
  summary:
    'print every journal event with its hash, one JSON object a line; with --after those behind; ' +
    'with --key, the signing key, the last one with a signed checkpoint',
  async run(context, options) {
    const { key } = options;
    const sign = key === undefined ? undefined : signerOf(resolve(context.cwd, key));
    let last: ListedEvent | undefined;
    let identity = '';
    for (const event of readJournal(dataDir(context, options), afterOf(options))) {
      if (last !== undefined) await context.out(JSON.stringify(last));
      last = event;
      identity = event.epochIdentity ?? identity;
    }
    if (last !== undefined) {
      await context.out(JSON.stringify({ ...last, ...sign?.(last, identity) }));
    }
    return 0;
  },
};

export const verifyJournalCommand: Command = {
  name: 'journal verify',
  options: { data: { value: 'DIR', required: true } },
  summary: 'recompute the whole hash chain',
  async run(context, options) {
    let said = 0;
    const result = await verifyJournal(dataDir(context, options), (seq) => {
      if (seq - said < 100_000) return;
      said = seq;
      context.say(`${seq} events verified`);
    });
    if (!result.ok) {
      await context.out(JSON.stringify({ chain: 'broken', fault: result.refusal.message }));
      return 1;
    }
    const { epoch, seq, hash } = result.value;
    await context.out(JSON.stringify({ chain: 'ok', epoch: epoch.ordinal, seq, hash }));
    return 0;
  },
};

/** The position behind which to begin: for who has read up to it. @throws Fault BAD_INPUT */
function afterOf({ after: text = '0' }: CommandOptions): number {
  const position = Number(text);
  if (Number.isSafeInteger(position) && position >= 0) return position;
  throw new Fault('BAD_INPUT', '--after takes a position, a whole number from 0');
}

function dataDir(context: CommandContext, options: CommandOptions): string {
  return resolve(context.cwd, optionOf(options, 'data'));
}
