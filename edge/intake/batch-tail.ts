import type { StoredBatch } from './intake-store.ts';

/** The newest batches in memory: what the pipeline reads next is nearly always among them. */
export interface BatchTail {
  push(batch: StoredBatch): void;
  holding(pos: number): StoredBatch | undefined;
}

export function createBatchTail(maxBytes: number): BatchTail {
  const batches: StoredBatch[] = [];
  let bytes = 0;
  return {
    push(batch) {
      batches.push(batch);
      bytes += batch.bytes.length;
      while (bytes > maxBytes && batches.length > 1) bytes -= batches.shift()?.bytes.length ?? 0;
    },
    holding(pos) {
      let low = 0;
      let high = batches.length - 1;
      while (low <= high) {
        const middle = (low + high) >> 1;
        const batch = batches[middle];
        if (batch === undefined) return undefined;
        if (pos < batch.firstPos) high = middle - 1;
        else if (pos > batch.lastPos) low = middle + 1;
        else return batch;
      }
      return undefined;
    },
  };
}
