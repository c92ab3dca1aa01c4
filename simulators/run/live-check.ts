import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EffectsFold, type TrueEffects } from '../check/effects-fold.ts';
import type { HubLine, IntakeLine, JournalLine, SentRecord } from '../check/evidence.ts';
import type { Finding } from '../check/finding.ts';
import { HubFold } from '../check/hub-fold.ts';
import { IntakeFold } from '../check/intake-fold.ts';
import { JournalFold } from '../check/journal-fold.ts';
import { StockFold } from '../check/stock-fold.ts';
import { judge, type Verdict } from '../check/verdict.ts';
import { toolLines } from '../stack/run-tool.ts';
import type { SiteStack, Stack } from '../stack/stack.ts';

/** What must be there by now. */
export interface DueByNow {
  /** Messages that gateways acknowledged since the last check. */
  readonly acknowledged: readonly SentRecord[];
  /** Gateway → the last event of which the hub had said that it is committed. */
  readonly committed: ReadonlyMap<string, number>;
}

/** A check while everything goes on, and how much it has looked up so far. */
export interface LiveVerdict extends Verdict {
  readonly messages: number;
  readonly events: number;
}

interface SiteEvidence {
  readonly site: SiteStack;
  readonly intake: IntakeFold;
  readonly journal: JournalFold;
}

/**
 * Compares while everything runs: what was acknowledged and committed when a check began. Each
 * check reads on where the one before it ended, and forgets what is proved, so that a check costs
 * what happened since, however long the run.
 */
export class LiveCheck {
  readonly #stack: Stack;
  readonly #effects = new EffectsFold();
  readonly #hub = new HubFold();
  readonly #sites: readonly SiteEvidence[];
  /** A difference stays one, whatever comes later. */
  readonly #found = new Map<string, Finding>();

  constructor(stack: Stack) {
    this.#stack = stack;
    // Stock is compared at the end only: a posting under way would be a difference.
    const stock = new StockFold();
    this.#sites = stack.sites.map((site) => {
      const { gateway } = site.layout;
      const identity = readFileSync(join(site.files.dataDir, 'epoch.json'), 'utf8').trim();
      const journal = new JournalFold(gateway, identity, stock, this.#effects);
      return { site, intake: new IntakeFold(gateway), journal };
    });
  }

  /** @param effects asked for last, or a journal might know more than the world had made. */
  async run(due: DueByNow, effects: () => TrueEffects): Promise<LiveVerdict> {
    for (const one of this.#sites) await readOn(one);
    await this.#readHub();
    const journals = this.#sites.map(({ journal }) => journal);
    this.#hub.settle(journals);
    this.#note([
      ...this.#sites.flatMap(({ intake }) => intake.findings(due.acknowledged)),
      ...journals.flatMap((journal) => journal.findings([])),
      ...this.#hub.findings(journals, due.committed),
      ...this.#effects.findings(effects()),
    ]);
    return {
      ...judge([...this.#found.values()]),
      messages: this.#sites.reduce((sum, { intake }) => sum + intake.promises, 0),
      events: journals.reduce((sum, { lastSeq }) => sum + lastSeq, 0),
    };
  }

  /** Everything that any check so far found. */
  found(): readonly Finding[] {
    return [...this.#found.values()];
  }

  async #readHub(): Promise<void> {
    const options = {
      config: this.#stack.hub.configFile,
      after: String(this.#hub.lastPosition),
    };
    for await (const line of toolLines({ part: 'hub', command: 'export-lane', options })) {
      this.#hub.add(JSON.parse(line) as HubLine);
    }
  }

  #note(findings: readonly Finding[]): void {
    for (const finding of findings) this.#found.set(`${finding.kind} ${finding.what}`, finding);
  }
}

async function readOn({ site, intake, journal }: SiteEvidence): Promise<void> {
  const data = site.files.dataDir;
  const intakeOptions = { data, after: String(intake.lastPos) };
  const entries = toolLines({ part: 'edge', command: 'intake export', options: intakeOptions });
  for await (const line of entries) intake.add(JSON.parse(line) as IntakeLine);
  const journalOptions = { data, after: String(journal.lastSeq) };
  const events = toolLines({ part: 'edge', command: 'journal export', options: journalOptions });
  for await (const line of events) journal.add(JSON.parse(line) as JournalLine);
}
