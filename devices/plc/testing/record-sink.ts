import type { DeviceFault } from '../../device-fault.ts';
import type { Gap, OpcUaSink } from '../opcua-driver.ts';
import { readOpcUaSample } from '../opcua-sample.ts';
import type { OpcUaSample } from '../opcua-sample.ts';

export type Told =
  | { readonly type: 'sample'; readonly tag: string; readonly sample: OpcUaSample }
  | { readonly type: 'event'; readonly source: string; readonly event: Record<string, unknown> }
  | { readonly type: 'gap'; readonly gap: Gap }
  | { readonly type: 'faults'; readonly faults: readonly DeviceFault[] }
  | {
      readonly type: 'connection';
      readonly connected: boolean;
      readonly detail?: string;
      readonly sinceMs?: number;
    };

/** A sink that keeps everything in order, and lets a test wait for what it needs. */
export interface RecordingSink {
  readonly sink: OpcUaSink;
  readonly told: Told[];
  gaps(): Gap[];
  /** What was wrong when that was last told. */
  faults(): readonly DeviceFault[];
  /** The payloads as intake would keep them, in their order. */
  readonly payloads: { readonly channel: string; readonly payload: Uint8Array }[];
  values(tag: string): OpcUaSample['value'][];
  /** When the server was said to have started, and how much had been told before. */
  readonly starts: { readonly startedMs: number; readonly toldBefore: number }[];
  /** Resolves as soon as `when` holds. */
  until(when: () => boolean): Promise<void>;
}

export function recordSink(): RecordingSink {
  const told: Told[] = [];
  const starts: RecordingSink['starts'] = [];
  const payloads: { channel: string; payload: Uint8Array }[] = [];
  let waiting: { when: () => boolean; resolve: () => void }[] = [];
  const tell = (entry: Told): void => {
    told.push(entry);
    const due = waiting.filter(({ when }) => when());
    waiting = waiting.filter((waiter) => !due.includes(waiter));
    for (const { resolve } of due) resolve();
  };
  return {
    told,
    starts,
    payloads,
    sink: {
      sample(tag, payload) {
        payloads.push({ channel: tag, payload });
        const { event } = JSON.parse(new TextDecoder().decode(payload)) as EventPayload;
        if (event !== undefined) {
          tell({ type: 'event', source: tag, event });
          return true;
        }
        const read = readOpcUaSample(payload);
        if (!read.ok) throw new Error(`unreadable sample: ${read.detail}`);
        tell({ type: 'sample', tag, sample: read.sample });
        return true;
      },
      faults: (faults) => tell({ type: 'faults', faults }),
      serverStarted: (startedMs) => starts.push({ startedMs, toldBefore: told.length }),
      gap: (gap) => tell({ type: 'gap', gap }),
      connection: (connected, detail, sinceMs) =>
        tell({
          type: 'connection',
          connected,
          ...(detail === undefined ? {} : { detail }),
          ...(sinceMs === undefined ? {} : { sinceMs }),
        }),
    },
    faults: () => {
      const last = told.findLast((entry) => entry.type === 'faults');
      return last?.type === 'faults' ? last.faults : [];
    },
    gaps: () => told.flatMap((entry) => (entry.type === 'gap' ? [entry.gap] : [])),
    values: (tag) =>
      told.flatMap((entry) =>
        entry.type === 'sample' && entry.tag === tag ? [entry.sample.value] : [],
      ),
    until: (when) =>
      new Promise((resolve) => {
        if (when()) resolve();
        else waiting.push({ when, resolve });
      }),
  };
}

interface EventPayload {
  readonly event?: Record<string, unknown>;
}
