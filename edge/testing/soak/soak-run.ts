/**
 * The run of a soak: nats-server, hub, gateway, OPC UA server and MQTT devices as processes, through
 * the whole day without a break. It is a process of its own, so that parts of the bench can wait for
 * one hour after the other; it ends by itself when none has for a while. Argument: its folder.
 */
import { appendFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { Fault, messageOf } from '#contracts/fault.ts';
import { peakRssMb, rssMb, writtenBytes } from '../bench/process-cost.ts';
import { quantile } from '../bench/quantile.ts';
import { hoursOfDay, type SoakFigures, type SoakRecord } from './soak-record.ts';
import { packing, paceAt, site } from './soak-site.ts';
import { SoakStack } from './soak-stack.ts';

const [folder = ''] = process.argv.slice(2);
/** A shorter day, of eight shorter hours, is for trying things out. */
const daySeconds = Number(process.env['HOLDFAST_SOAK_HOURS'] ?? hoursOfDay) * 3600;
const hourSeconds = daySeconds / hoursOfDay;
const abandonedAfterMs = 600_000;
const sampleEveryMs = 1000;
/** So many entries may wait to be observed before the site's time stands, and then few enough. */
const mostEntries = 100_000;
const fewEntries = 10_000;

function write(record: SoakRecord): void {
  appendFileSync(join(folder, 'record.jsonl'), `${JSON.stringify(record)}\n`);
}

/** What the gateway has done since the day began. */
interface Done {
  readonly entries: number;
  readonly events: number;
  readonly writtenBytes: number;
}

class SoakDay {
  readonly #stack: SoakStack;
  readonly #begun: Done;
  readonly #samples: { readonly second: number; readonly rssMb: number }[] = [];
  #hour = 0;
  #acts = 0;
  #isHeld = false;
  #isOperating = false;
  #trouble: unknown;

  constructor(stack: SoakStack, begun: Done) {
    this.#stack = stack;
    this.#begun = begun;
  }

  async run(): Promise<SoakFigures> {
    const stack = this.#stack;
    stack.load.hold(false);
    while (stack.load.state().phase !== 'over') {
      await sleep(sampleEveryMs);
      stack.checkAlive();
      checkAttended();
      const { second } = stack.load.state();
      this.#samples.push({ second, rssMb: rssMb(stack.pid) });
      await this.#keepPace(second);
      this.#operate(second);
      if (second >= (this.#hour + 1) * hourSeconds && this.#hour < hoursOfDay - 1) {
        await this.#tellHour();
      }
    }
    stack.plcs.pace(0);
    await stack.settled();
    await this.#tellHour();
    return await this.#figures();
  }

  /** The operator does what is due, one act after the other; nobody else waits for that. */
  #operate(second: number): void {
    if (this.#trouble !== undefined) {
      throw new Fault('UNAVAILABLE', messageOf(this.#trouble), { cause: this.#trouble });
    }
    if (this.#isOperating) return;
    this.#isOperating = true;
    const due = Math.floor((second * site.operatorPerHour) / 3600);
    const work = async () => {
      for (; this.#acts < due; this.#acts += 1) await this.#stack.person.transact();
      this.#isOperating = false;
    };
    work().catch((error: unknown) => (this.#trouble = error));
  }

  /**
   * Whether the gateway keeps up is not the question here, for this machine does everything else as
   * well: when entries wait for their turn, the site's time stands until they had it.
   */
  async #keepPace(second: number): Promise<void> {
    const { load, plcs } = this.#stack;
    const { backlog } = (await this.#stack.health()).intake;
    const isHeld = backlog > (this.#isHeld ? fewEntries : mostEntries);
    if (isHeld !== this.#isHeld) load.hold(isHeld);
    this.#isHeld = isHeld;
    plcs.pace(isHeld ? 0 : paceAt(second, daySeconds));
  }

  /** Resident memory between two hours of the day, from the first on and before the second. */
  #rss(fromHour: number, toHour: number): number[] {
    const isWithin = (second: number) =>
      second >= fromHour * hourSeconds && (second < toHour * hourSeconds || toHour === hoursOfDay);
    return this.#samples.filter(({ second }) => isWithin(second)).map((sample) => sample.rssMb);
  }

  async #tellHour(): Promise<void> {
    const stack = this.#stack;
    const rss = this.#rss(this.#hour, this.#hour + 1);
    this.#hour += 1;
    const { entries, events, writtenBytes: written } = await doneBy(stack);
    const { intake, uplink } = await stack.health();
    write({
      type: 'hour',
      hour: this.#hour,
      rssMb: quantile(rss, 0.5),
      peakMb: quantile(rss, 1),
      messages: stack.load.state().acked,
      entries: entries - this.#begun.entries,
      events: events - this.#begun.events,
      writtenMb: (written - this.#begun.writtenBytes) / 1e6,
      backlogEntries: intake.backlog,
      uncommittedEvents: uplink.backlogEvents,
    });
  }

  async #figures(): Promise<SoakFigures> {
    const quarters = [0, 2, 4, 6].map((hour) => quantile(this.#rss(hour, hour + 2), 0.5));
    const shown = quarters.map((mb) => `${mb.toFixed(1)} MB`).join(', ');
    const { heldMs } = this.#stack.load.state();
    const done = await doneBy(this.#stack);
    const events = done.events - this.#begun.events;
    const written = done.writtenBytes - this.#begun.writtenBytes;
    const perEntry = Math.round(written / (done.entries - this.#begun.entries));
    write({
      type: 'said',
      text:
        `median of the quarters: ${shown}; ${this.#acts} operator transactions; ${perEntry} bytes ` +
        `written for each entry, of which few are events; the site's time stood for ` +
        `${Math.round(heldMs / 1000)} s, for the gateway to catch up`,
    });
    return {
      rssRatio: (quarters[3] ?? Number.NaN) / (quarters[1] ?? Number.NaN),
      rssMb: peakRssMb(this.#stack.pid),
      bytesWrittenPerEvent: written / events,
    };
  }
}

async function doneBy(stack: SoakStack): Promise<Done> {
  return {
    entries: await stack.entries(),
    events: (await stack.health()).journal.seq,
    writtenBytes: writtenBytes(stack.pid),
  };
}

/** @throws when no part of the bench has waited for a while: then nobody is interested any more. */
function checkAttended(): void {
  const ageMs = Date.now() - statSync(join(folder, 'attended')).mtimeMs;
  if (ageMs > abandonedAfterMs) throw new Error('nobody waited for this run any more');
}

async function run(): Promise<void> {
  const stack = await SoakStack.setUp(join(folder, 'plcs'), daySeconds);
  const mb = Math.round(rssMb(stack.pid));
  write({
    type: 'said',
    text:
      `the site stands, ${site.tags} tags in the book, ${mb} MB resident; rates are ${packing.usual} × ` +
      `the site's, ${packing.busy} × in its busy minutes; the gateway's clock is as it is`,
  });
  const figures = await new SoakDay(stack, await doneBy(stack)).run();
  write({ type: 'over', figures });
}

try {
  await run();
} catch (error) {
  write({ type: 'failed', why: messageOf(error) });
}
process.exit(0);
