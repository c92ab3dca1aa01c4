import { readOpcUaSample } from '../opcua-sample.ts';
import type { OpcUaSample } from '../opcua-sample.ts';
import type { Gap, OpcUaSink } from '../opcua-driver.ts';

export type Told =
  | { readonly type: 'sample'; readonly tag: string; readonly sample: OpcUaSample }
  | { readonly type: 'gap'; readonly gap: Gap }
  | { readonly type: 'connection'; readonly connected: boolean; readonly detail?: string };

/** A sink that keeps everything in order, and lets a test wait for what it needs. */
export interface RecordingSink {
  readonly sink: OpcUaSink;
  readonly told: Told[];
  gaps(): Gap[];
  values(tag: string): OpcUaSample['value'][];
  /** Resolves as soon as `when` holds. */
  until(when: () => boolean): Promise<void>;
}

export function recordSink(): RecordingSink {
  const told: Told[] = [];
  let waiting: { when: () => boolean; resolve: () => void }[] = [];
  const tell = (entry: Told): void => {
    told.push(entry);
    const due = waiting.filter(({ when }) => when());
    waiting = waiting.filter((waiter) => !due.includes(waiter));
    for (const { resolve } of due) resolve();
  };
  return {
    told,
    sink: {
      sample(tag, payload) {
        const read = readOpcUaSample(payload);
        if (!read.ok) throw new Error(`unreadable sample: ${read.detail}`);
        tell({ type: 'sample', tag, sample: read.sample });
      },
      gap: (gap) => tell({ type: 'gap', gap }),
      connection: (connected, detail) =>
        tell({ type: 'connection', connected, ...(detail === undefined ? {} : { detail }) }),
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
