import { hash } from 'node:crypto';
import { eventHash, genesisHash } from '#contracts/chain.ts';
import type { SignedReceipt } from '#contracts/uplink.ts';
import type { RecordedRow } from './fake-lane-store.ts';
import type { Host, Site, World } from './world.ts';
import type { HubProcess } from './hub-node.ts';

/** A promise that was broken: its number in docs/guarantees.md, and how. */
export interface Violation {
  readonly invariant: string;
  readonly detail: string;
}

const sha256 = (text: string) => hash('sha256', text, 'hex');

/**
 * I9: a receipt says what is on disk. Looked at when the hub signs it, because a later restart would
 * hide that it was early.
 */
export function checkReceipt(hub: Host<HubProcess>, text: string): Violation | undefined {
  const { receipt } = JSON.parse(text) as SignedReceipt;
  if (receipt.committed === 0) return undefined;
  const { committed, epoch, gateway, headHash } = receipt;
  for (const record of hub.disk.durable('hub')) {
    const { rows } = record as { readonly rows: readonly RecordedRow[] };
    const row = rows.find((one) => one.gateway === gateway && one.seq === committed);
    if (row !== undefined && row.epoch === epoch && row.hash === headHash) return undefined;
  }
  return broken('I9', `a receipt says ${gateway} ${committed}, the disk does not`);
}

/** Everything that must hold once all is well again. */
export function checkEnd(world: World): Violation[] {
  const { hub, sites } = world;
  const store = hub.process?.store;
  if (store === undefined) return [broken('I18', 'the hub does not come up')];
  return sites.flatMap((site) => {
    const { gateway } = site.address;
    const rows = store.rows.filter((row) => row.gateway === gateway);
    return [...checkChain(site, rows), ...checkContent(site, rows)];
  });
}

/** Time itself makes entries and now and then an event: so many may be under way in good health. */
const tolerated = 3;

/** Whether hub and gateways agree, or know why they cannot. */
export function isSettled({ hub, sites }: World): boolean {
  const { process } = hub;
  if (process === undefined) return false;
  return sites.every(({ address, host, scanners, person }) => {
    const gateway = host.process;
    const lane = process.book.lane(address.gateway);
    if (gateway === undefined || gateway.pipeline.backlog > tolerated) return false;
    if (scanners.some(({ scanned, acknowledged }) => scanned.length > acknowledged.size)) {
      return false;
    }
    if (person.asked.size > person.applied.size) return false;
    if (gateway.uplink.status().state === 'halted') return true;
    const head = gateway.journal.head();
    return lane !== undefined && lane.committed > 0 && head.seq - lane.committed <= tolerated;
  });
}

/** I4, I5, I7, I12: one gapless chain, a prefix of the gateway's journal, or a halted lane. */
function checkChain({ address, host }: Site, rows: readonly RecordedRow[]): Violation[] {
  const { gateway } = address;
  const journal = host.process?.journal;
  if (journal === undefined) return [broken('I18', `${gateway} does not come up`)];
  const violations: Violation[] = [];
  const { epoch } = journal.head();
  let previous = genesisHash(epoch, sha256);
  let forkedAt: number | undefined;
  for (const [index, row] of rows.entries()) {
    const { seq, header, payload, hash } = row;
    if (seq !== index + 1) {
      violations.push(broken('I4', `${gateway} ${seq} stands where ${index + 1} belongs`));
      break;
    }
    previous = eventHash(previous, { header, payload }, sha256);
    if (hash !== previous) {
      violations.push(broken('I5', `${gateway} ${seq} does not chain`));
      break;
    }
    if (row.state !== 'applied') {
      violations.push(broken('I16', `${gateway} ${seq} is ${row.state}`));
    }
    if (journal.hashAt(seq) !== hash) forkedAt ??= seq;
  }
  const isHalted = host.process?.uplink.status().state === 'halted';
  if (forkedAt !== undefined && !isHalted) {
    violations.push(broken('I7', `${gateway}: another history from ${forkedAt}, and no halt`));
  }
  const mayFork = host.restoredFromMs !== undefined || host.wasCloned;
  if (forkedAt !== undefined && !mayFork) {
    violations.push(
      broken('I7', `${gateway}: another history from ${forkedAt}, and no second one`),
    );
  }
  if (isHalted && forkedAt === undefined && !host.wasCloned) {
    violations.push(broken('I18', `${gateway} is halted, and the histories are one`));
  }
  return violations;
}

/** I1, I2, I3: what was acknowledged is there, once, in the device's order. */
function checkContent(site: Site, rows: readonly RecordedRow[]): Violation[] {
  const { address, host, scanners, person } = site;
  const { gateway } = address;
  const violations: Violation[] = [];
  // What a box acknowledged before it was set back is gone with it, or waits behind a halted lane.
  const wasSetBack = host.restoredFromMs !== undefined || host.wasCloned;
  const scans = rows.flatMap(({ header, payload }) => {
    const { kind, device } = JSON.parse(header) as { kind: string; device?: string };
    return kind === 'scan.read'
      ? [{ device, scan: (JSON.parse(payload) as { scan: string }).scan }]
      : [];
  });
  for (const { device, scanned, acknowledged } of scanners) {
    const found = scans.filter((one) => one.device === device).map(({ scan }) => scan);
    const once = new Set(found);
    if (once.size < found.length) {
      violations.push(broken('I2', `${gateway} ${device}: ${found.length - once.size} doubled`));
    }
    const lost = [...acknowledged].filter((scan) => !once.has(scan));
    if (lost.length > 0 && !wasSetBack) {
      violations.push(broken('I1', `${gateway} ${device}: ${lost.length} lost, ${lost[0]}`));
    }
    const place = new Map(scanned.map((scan, index) => [scan, index]));
    const order = found.map((scan) => place.get(scan) ?? -1);
    if (order.some((at, index) => at < (order[index - 1] ?? -1)) && !wasSetBack) {
      violations.push(broken('I3', `${gateway} ${device}: out of order`));
    }
  }
  return [...violations, ...checkStock(gateway, person, rows, wasSetBack)];
}

interface Posted {
  readonly by?: { readonly act: string };
  readonly lines: readonly {
    readonly quantity: number;
    readonly account: { readonly type: string };
  }[];
}

/** I2, I13: the stock is the sum of what people were told is in. */
function checkStock(
  gateway: string,
  person: Site['person'],
  rows: readonly RecordedRow[],
  wasSetBack: boolean,
): Violation[] {
  const violations: Violation[] = [];
  const received = new Map<string, number>();
  for (const { header, payload } of rows) {
    const { kind } = JSON.parse(header) as { kind: string };
    if (kind !== 'stock.received') continue;
    const { by: { act } = { act: '' }, lines } = JSON.parse(payload) as Posted;
    const sum = lines.reduce((total, line) => total + line.quantity, 0);
    if (sum !== 0) violations.push(broken('I13', `${gateway} ${act}: lines sum to ${sum}`));
    const inside = lines.filter(({ account }) => account.type === 'zone');
    const quantity = inside.reduce((total, line) => total + line.quantity, 0);
    if (received.has(act)) violations.push(broken('I2', `${gateway} ${act} is posted twice`));
    received.set(act, quantity);
    if (person.asked.get(act) !== quantity) {
      violations.push(broken('I2', `${gateway} ${act}: ${quantity} posted`));
    }
  }
  for (const refused of person.refused) {
    violations.push(broken('I1', `${gateway} refused what is right: ${refused}`));
  }
  const lost = [...person.applied].filter((act) => !received.has(act));
  if (lost.length > 0 && !wasSetBack) {
    violations.push(broken('I1', `${gateway}: ${lost.length} acts lost, ${lost[0]}`));
  }
  return violations;
}

function broken(invariant: string, detail: string): Violation {
  return { invariant, detail };
}
