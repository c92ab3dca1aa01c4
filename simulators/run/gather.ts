import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EffectsFold, type TrueEffects } from '../check/effects-fold.ts';
import type {
  Blindness,
  HubLine,
  IntakeLine,
  JournalLine,
  SentRecord,
  StockRow,
} from '../check/evidence.ts';
import type { Finding } from '../check/finding.ts';
import { HubFold } from '../check/hub-fold.ts';
import { IntakeFold } from '../check/intake-fold.ts';
import { JournalFold } from '../check/journal-fold.ts';
import { silentFindings, type GivenMessages } from '../check/silent-findings.ts';
import { StockFold } from '../check/stock-fold.ts';
import { toolLines } from '../stack/run-tool.ts';
import type { SiteStack, Stack } from '../stack/stack.ts';

/** What the world and its devices know, against which everything is held. */
export interface WorldTruth {
  /** Messages that were acknowledged before the check began. */
  readonly acknowledged: readonly SentRecord[];
  readonly effects: TrueEffects;
  readonly blind: readonly Blindness[];
  readonly given: readonly GivenMessages[];
}

/** Reads the logs of every gateway. They may be running. */
export async function readGateways(stack: Stack) {
  const stock = new StockFold();
  const effects = new EffectsFold();
  const intakes: IntakeFold[] = [];
  const journals: JournalFold[] = [];
  for (const site of stack.sites) {
    intakes.push(await readIntake(site));
    journals.push(await readJournal(site, stock, effects));
  }
  return { stock, effects, intakes, journals };
}

export type GatewayEvidence = Awaited<ReturnType<typeof readGateways>>;

async function readIntake({ layout, files }: SiteStack): Promise<IntakeFold> {
  const fold = new IntakeFold(layout.gateway);
  const options = { data: files.dataDir };
  for await (const line of toolLines({ part: 'edge', command: 'intake export', options })) {
    fold.add(JSON.parse(line) as IntakeLine);
  }
  return fold;
}

async function readJournal(
  { layout, files }: SiteStack,
  stock: StockFold,
  effects: EffectsFold,
): Promise<JournalFold> {
  const identity = readFileSync(join(files.dataDir, 'epoch.json'), 'utf8').trim();
  const fold = new JournalFold(layout.gateway, identity, stock, effects);
  const options = { data: files.dataDir };
  for await (const line of toolLines({ part: 'edge', command: 'journal export', options })) {
    fold.add(JSON.parse(line) as JournalLine);
  }
  return fold;
}

/** Reads everything that the hub committed. */
export async function readHub(stack: Stack): Promise<HubFold> {
  const fold = new HubFold();
  const options = { config: stack.hub.configFile };
  for await (const line of toolLines({ part: 'hub', command: 'export-lane', options })) {
    fold.add(JSON.parse(line) as HubLine);
  }
  return fold;
}

/**
 * Everything that differs, once everything has drained.
 *
 * @param shown the hub's stock, read when its events and the journals were at one position.
 */
export function compare(
  { stock, effects, intakes, journals }: GatewayEvidence,
  hub: HubFold,
  world: WorldTruth,
  shown: readonly StockRow[],
): Finding[] {
  // What a gateway never had a session with it cannot have missed.
  const blind = world.blind.filter(({ device, fromMs, gateway }) =>
    intakes.find((one) => one.gateway === gateway)?.wasSeenBefore(device, fromMs),
  );
  return [
    ...intakes.flatMap((intake) => intake.findings(world.acknowledged)),
    ...silentFindings(world.given, intakes),
    ...journals.flatMap((journal) => journal.findings(blind)),
    ...hub.findings(journals),
    ...stock.findings(shown),
    ...effects.findings(world.effects),
    ...effects.lostScans(world.effects),
  ];
}
