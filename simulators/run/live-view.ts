import type { LiveVerdict } from './live-check.ts';
import type { RunStatus } from './warehouse-run.ts';

/** What the last check found, and how long ago. */
export interface LastCheck {
  readonly verdict: Pick<LiveVerdict, 'chain' | 'doubled' | 'lost'> &
    Partial<Pick<LiveVerdict, 'events' | 'messages'>>;
  readonly agoS: number;
}

/** World against ledger, as lines for a terminal. */
export function viewLines(elapsedS: number, status: RunStatus, check?: LastCheck): string[] {
  const { made, acknowledged, covered, uncovered, misread, waitingInDevices, gateways } = status;
  const journalled = total(gateways.map((gateway) => gateway.journalled));
  const committed = total(gateways.map((gateway) => gateway.committed));
  const quarantined = total(gateways.map((gateway) => gateway.quarantined));
  return [
    `${number(elapsedS)} s   outages ${status.outages}   gateway restarts ${status.restarts}`,
    `world    events made ${number(made)}   covered ${number(covered)}` +
      `   uncovered ${number(uncovered)}   misread ${number(misread)}`,
    `devices  acknowledged ${number(acknowledged)}   kept ${number(waitingInDevices)}` +
      `   quarantined ${number(quarantined)}`,
    `ledger   journalled ${number(journalled)}   committed ${number(committed)}` +
      `   waiting ${number(journalled - committed)}`,
    ...gateways.map(
      ({ site, up, linkCut, journalled = 0, committed = 0, uplink = 'unknown' }) =>
        `  ${site}  ${up ? 'gateway up' : 'gateway DOWN'}, ${linkCut ? 'link CUT' : 'link ok'},` +
        ` uplink ${uplink}, waiting ${number(journalled - committed)}`,
    ),
    `check    ${checkText(check)}`,
  ];
}

function checkText(check: LastCheck | undefined): string {
  if (check === undefined) return 'not yet';
  const { lost, doubled, chain, messages, events } = check.verdict;
  const looked =
    messages === undefined || events === undefined
      ? 'all'
      : `${number(messages)} messages, ${number(events)} events`;
  const agoS = Math.round(check.agoS);
  return `lost ${lost}   doubled ${doubled}   chain ${chain}   ${looked}, ${agoS} s ago`;
}

function total(values: readonly (number | undefined)[]): number {
  return values.reduce((sum: number, value) => sum + (value ?? 0), 0);
}

function number(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** A terminal of nobody knows what size says 0 columns, or none: its lines are left whole. */
function widthOf({ columns }: { readonly columns?: number }): number {
  return columns === undefined || columns === 0 ? Infinity : Math.max(20, columns - 1);
}

/** Shows lines over and over in the same place; on anything but a terminal, one below the other. */
export class LiveView {
  readonly #stream: NodeJS.WriteStream;
  #shown = 0;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  show(lines: readonly string[]): void {
    if (!this.#stream.isTTY) {
      this.#stream.write(`${lines.join(' | ').replaceAll(/ {2,}/g, '  ')}\n`);
      return;
    }
    this.#erase();
    const width = widthOf(this.#stream);
    for (const line of lines) this.#stream.write(`${line.slice(0, width)}\n`);
    this.#shown = lines.length;
  }

  /** A line that stays, above what is shown. */
  say(line: string): void {
    this.#erase();
    this.#stream.write(`${line}\n`);
  }

  #erase(): void {
    if (!this.#stream.isTTY || this.#shown === 0) return;
    this.#stream.moveCursor(0, -this.#shown);
    this.#stream.clearScreenDown();
    this.#shown = 0;
  }
}
