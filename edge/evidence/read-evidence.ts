import { join } from 'node:path';
import type { EventHeader } from '#contracts/envelope.ts';
import { evidenceWindowOf } from '#contracts/evidence-bounds.ts';
import type { EvidenceLine, EvidenceReply, EvidenceWindow } from '#contracts/evidence.ts';
import { Fault } from '#contracts/fault.ts';
import { openIntakeStore } from '../intake/intake-store.ts';
import { readJournal } from '../journal/read-journal.ts';
import { answerRequest } from './answer-request.ts';
import { openEvidenceIndex } from './evidence-index.ts';
import { segmentFolder } from './evidence-keeper.ts';
import { segmentPath, SegmentReader, unpackLeaf } from './segment-file.ts';

type Located = Extract<EvidenceReply, { type: 'located' }>;

/** Raw evidence of one event, as the gateway itself has it. */
export interface OwnEvidence {
  readonly located: Located;
  /** Canonical lines, in order of their positions. */
  readonly lines: readonly string[];
}

/**
 * What stands behind an event of a gateway's own journal; may run beside the gateway.
 *
 * @throws Fault NOT_FOUND for an event that is not in the journal.
 */
export function readEvidence(dataDir: string, seq: number): OwnEvidence {
  const window = windowOf(dataDir, seq);
  const folder = segmentFolder(dataDir);
  const index = openEvidenceIndex(dataDir, 'read');
  const intake = openIntakeStore(join(dataDir, 'intake.db'), 'read');
  try {
    const coveredPos = Number(index.mark('next-pos') ?? 1) - 1;
    const parts = { index, intake, folder, coveredPos };
    const { reply, bytes } = answerRequest(parts, { type: 'locate', v: 1, window });
    if (reply.type !== 'located') throw new Fault('INTERNAL', 'evidence was not looked for');
    const texts = bytes === undefined ? [] : [unpackLeaf(bytes).toString('utf8')];
    for (const { segment, leaf } of reply.leaves) {
      texts.push(leafText(folder, segment, index.segment(segment)?.root, leaf));
    }
    const lines = texts.flatMap((text) => text.split('\n').filter((line) => belongs(line, window)));
    return { located: reply, lines: lines.sort((a, b) => posOf(a) - posOf(b)) };
  } finally {
    intake.close();
    index.close();
  }
}

function windowOf(dataDir: string, seq: number) {
  for (const event of readJournal(dataDir)) {
    if (event.seq !== seq) continue;
    const { header, payload } = event;
    const said = payload.startsWith('#') ? undefined : (JSON.parse(payload) as unknown);
    return evidenceWindowOf(JSON.parse(header) as EventHeader, said);
  }
  throw new Fault('NOT_FOUND', `the journal holds no event ${seq}`);
}

function leafText(folder: string, segment: number, root: string | undefined, leaf: number): string {
  const reader = new SegmentReader(segmentPath(folder, segment), root);
  try {
    return reader.content(leaf)?.toString('utf8') ?? '';
  } finally {
    reader.close();
  }
}

/** A leaf also holds what its device sent before and after. */
function belongs(line: string, { device, fromMs, pos }: EvidenceWindow): boolean {
  if (line === '') return false;
  const entry = JSON.parse(line) as EvidenceLine;
  if (entry.pos === pos) return true;
  return entry.body.device === device && entry.receivedAt >= fromMs && entry.pos < pos;
}

function posOf(line: string): number {
  return Number(/"pos":(\d+),"receivedAt":\d+\}$/.exec(line)?.[1] ?? 0);
}
