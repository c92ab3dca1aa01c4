import { resolve } from 'node:path';
import { Fault } from '#contracts/fault.ts';
import { openEvidenceIndex } from '../evidence/evidence-index.ts';
import { readEvidence } from '../evidence/read-evidence.ts';
import { verifyEvidence } from '../evidence/verify-evidence.ts';
import type { Command, CommandContext, CommandOptions } from './command.ts';
import { optionOf } from './option-of.ts';

/** All of these only read, and may do so beside a running gateway. */

const data = { value: 'DIR', required: true } as const;

export const listEvidenceCommand: Command = {
  name: 'evidence list',
  options: { data },
  summary: 'print every sealed segment of raw evidence, pruned ones too, one JSON object a line',
  async run(context, options) {
    const index = openEvidenceIndex(dataDir(context, options), 'read');
    try {
      for (let after = 0; ;) {
        const rows = index.segmentsAfter(after, 500);
        for (const { heldUntilMs: _, ...row } of rows) await context.out(JSON.stringify(row));
        if (rows.length < 500) return 0;
        after = rows.at(-1)?.segment ?? after;
      }
    } finally {
      index.close();
    }
  },
};

export const showEvidenceCommand: Command = {
  name: 'evidence show',
  options: { data, event: { value: 'SEQ', required: true } },
  summary: 'print what devices sent that an event stands on, one JSON object a line',
  async run(context, options) {
    const seq = Number(options['event']);
    if (!Number.isSafeInteger(seq) || seq < 1) {
      throw new Fault('BAD_INPUT', 'name the event by its sequence number with --event');
    }
    const { located, lines } = readEvidence(dataDir(context, options), seq);
    for (const line of lines) await context.out(line);
    const { cause, detail, segment, leaves, left, prunedAt } = located;
    const proofs = leaves.map((at) => ({ ...at, frameBytes: undefined }));
    context.say(JSON.stringify({ cause, detail, segment, prunedAt, left, proofs }));
    return cause === 'here' || cause === 'unsealed' ? 0 : 1;
  },
};

export const verifyEvidenceCommand: Command = {
  name: 'evidence verify',
  options: { data },
  summary: 'recompute every leaf and root of raw evidence against the journal',
  async run(context, options) {
    const counts = { whole: 0, pruned: 0, unsaid: 0, damaged: 0, missing: 0 };
    for (const finding of verifyEvidence(dataDir(context, options))) {
      counts[finding.state] += 1;
      const isBad = finding.state === 'damaged' || finding.state === 'missing';
      if (isBad) await context.out(JSON.stringify(finding));
    }
    const isSound = counts.damaged + counts.missing === 0;
    await context.out(JSON.stringify({ evidence: isSound ? 'ok' : 'broken', ...counts }));
    return isSound ? 0 : 1;
  },
};

function dataDir(context: CommandContext, options: CommandOptions): string {
  return resolve(context.cwd, optionOf(options, 'data'));
}
