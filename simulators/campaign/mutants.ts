/** A text that stands in a file once, and what stands there instead. */
interface Edit {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/**
 * A bug that is planted to see whether the campaign finds it. Where several rules guard the same
 * promise, a bug is that none of them does.
 */
export interface Mutant extends Edit {
  readonly name: string;
  readonly also?: readonly Edit[];
}

const intakeLog = 'edge/intake/intake-log.ts';
const pipeline = 'edge/pipeline.ts';
const receiptRules = 'edge/uplink/receipt-rules.ts';
const laneMachine = 'hub/intake/lane-machine.ts';
const laneBook = 'hub/intake/lane-book.ts';
const gatewayStores = 'simulators/campaign/fake-gateway-stores.ts';
const laneStore = 'simulators/campaign/fake-lane-store.ts';

/**
 * Mistakes that people make in systems like this one. Three are planted in the simulated stores,
 * because what they do wrong is what SQLite does right.
 */
export const mutants: readonly Mutant[] = [
  {
    name: 'a device is answered before the commit',
    file: intakeLog,
    find: `      try {
        this.#store.insert(batch, batch.configHash);
      } catch (error) {`,
    replace: `      for (const [at, waiter] of batch.waiters.entries()) {
        waiter?.durable(batch.firstPos + at, batch.tickets[at] ?? 0);
      }
      try {
        this.#store.insert(batch, batch.configHash);
      } catch (error) {`,
  },
  {
    name: 'what waits is dropped when the disk is full',
    file: intakeLog,
    find: `    if (trouble === 'full') return this.#startHold('disk-full', messageOf(error));`,
    replace: `    if (trouble === 'full') {
      for (const batch of this.#waiting.splice(0)) this.#settle(batch);
      return;
    }`,
  },
  {
    name: 'a failed disk is tried again by the same process',
    file: intakeLog,
    find: `    this.#dead = true;
    this.#options.log.fatal({ err: error }, 'intake.store-broken');
    this.#options.fatal(error);`,
    replace: `    for (const batch of this.#waiting.splice(0)) this.#settle(batch);`,
  },
  {
    name: 'the journal skips an entry after a start',
    file: pipeline,
    find: `    const firstPos = journal.cursor() + 1;`,
    replace: `    const firstPos = journal.cursor() + (journal.head().seq > 40 && this.backlog > 3 ? 2 : 1);`,
  },
  {
    name: 'what was observed is forgotten when the journal has no room',
    file: pipeline,
    find: `      this.#uncommitted = commit;
      this.#later = `,
    replace: `      this.#uncommitted = { ...commit, items: [] };
      this.#later = `,
  },
  {
    name: 'entries are observed again after each full disk',
    file: pipeline,
    find: `    const committed = waiting === undefined ? this.#commitEntries() : this.#commit(waiting);`,
    replace: `    if (waiting !== undefined) this.#uncommitted = undefined;
    const committed = this.#commitEntries();`,
  },
  {
    name: 'scans are known again by time alone',
    file: 'edge/observe/scan-observer.ts',
    find: `    const seen = this.#seen.take(device.id, scan, content);`,
    replace: `    const seen = this.#seen.take(device.id, \`\${scan} \${Math.floor(receivedAtMs / 5000)}\`, content);`,
  },
  {
    name: 'ids of scans are remembered in memory only',
    file: 'edge/observe/seen-scans.ts',
    find: `    this.#ring.drainDirty(rows);`,
    replace: `    this.#ring.drainDirty([]);`,
  },
  {
    name: 'ids of acts are remembered in memory only',
    file: 'edge/post/act-desk.ts',
    find: `    const parts = [this.#acts, this.#counted, this.#revocations, this.#use, this.#counts];
    for`,
    replace: `    const parts = [this.#counted, this.#revocations, this.#use, this.#counts];
    for`,
  },
  {
    name: 'the overlap of a batch is applied again',
    file: laneMachine,
    find: `    effect: { type: 'apply', skip, hashes },`,
    replace: `    effect: { type: 'apply', skip: Math.max(0, skip - 1), hashes },`,
  },
  {
    name: 'a gap between batches is passed over',
    file: laneMachine,
    find: `  if (firstSeq > cursor.committed + 1) return stay({ type: 'ask-replay' });`,
    replace: ``,
  },
  {
    name: 'the hub knows what it has not committed',
    file: laneBook,
    find: `      const { changes, value } = await this.#store.write(work);
      for (const [gateway, lane] of changes.lanes) this.#lanes.set(gateway, lane);`,
    replace: `      const { changes, value } = await this.#store.write(async (tx) => {
        const done = await work(tx);
        for (const [gateway, lane] of done.changes.lanes) this.#lanes.set(gateway, lane);
        return done;
      });`,
  },
  {
    name: 'the hub acknowledges what its full disk refused',
    file: 'hub/intake/group-worker.ts',
    find: `      if (error instanceof Fault && storeFaults.has(error.code)) throw error;`,
    replace: `      if (error instanceof Fault && error.code === 'STORE_FULL') {
        for (const { gateway } of due.map(({ subject }) => ({ gateway: gatewayOf(subject) }))) {
          this.#applied({
            events: 0,
            duplicates: 0,
            parked: 0,
            poison: 0,
            refused: 0,
            answers: new Map([[gateway, 'committed']]),
            halted: [],
            changes: [],
          });
        }
        return [];
      }`,
  },
  {
    name: "the hub's cursor is kept apart from what it records",
    file: laneStore,
    find: `      this.#disk.write('hub', record);
      this.#disk.sync('hub');`,
    replace: `      this.#disk.write('hub', { ...record, rows: [], aside: 0 });
      this.#disk.sync('hub');
      this.#disk.write('hub', { ...record, lanes: [], epochs: [] });
      this.#disk.sync('hub');`,
  },
  {
    name: 'a commit of the gateway is not synced',
    file: gatewayStores,
    find: `  disk.write(file, record);
  disk.sync(file);`,
    replace: `  disk.write(file, record);`,
  },
  {
    name: 'a commit of the hub is not synced',
    file: laneStore,
    find: `      this.#disk.write('hub', record);
      this.#disk.sync('hub');`,
    replace: `      this.#disk.write('hub', record);`,
  },
  {
    name: 'what a killed process left unsynced is believed',
    file: laneStore,
    find: `    disk.settle('hub');`,
    replace: ``,
  },
  {
    name: 'nobody compares histories',
    file: receiptRules,
    find: `  if (ownHash === undefined) {`,
    replace: `  if (ownHash === undefined && receipt.committed < 0) {`,
    also: [
      {
        file: receiptRules,
        find: `  if (ownHash !== receipt.headHash) {`,
        replace: `  if (ownHash !== receipt.headHash && receipt.committed < 0) {`,
      },
      {
        file: 'hub/intake/hello-machine.ts',
        find: `  if (head.seq <= lane.committed && recordedHash !== head.hash) {`,
        replace: `  if (head.seq < 0 && recordedHash !== head.hash) {`,
      },
      {
        file: laneMachine,
        find: `    if (offer.recordedHash === checkpoint.hash) return stay({ type: 'duplicate' });
    return fork(`,
        replace: `    if (offer.recordedHash !== '') return stay({ type: 'duplicate' });
    return fork(`,
      },
      {
        file: laneMachine,
        find: `  if (joint !== cursor.headHash) {`,
        replace: `  if (joint !== cursor.headHash && skip < 0) {`,
      },
    ],
  },
  {
    name: 'what was sent once is not sent again',
    file: receiptRules,
    find: `  return rewind({ ...state, drainUntilSeq: state.headSeq }, 'greeted', freshIds, effects);`,
    replace: `  return state;`,
    also: [
      {
        file: receiptRules,
        find: `  if (back) return rewind(again, 'hub-went-back', true, effects);`,
        replace: `  if (back) return { ...again, sentSeq: before.sentSeq };`,
      },
      {
        file: receiptRules,
        find: `  if (asks) return rewind(again, 'replay-asked', true, effects);`,
        replace: ``,
      },
      {
        file: receiptRules,
        find: `  if (reply && before.stalled && committed === before.committedSeq) {`,
        replace: `  if (reply && before.stalled && committed < 0) {`,
      },
    ],
  },
  {
    name: "an event within a block has its block's hash",
    file: 'edge/journal/block-store.ts',
    find: `      if (row.last_seq === seq) return row.hash;`,
    replace: `      if (row.last_seq >= seq) return row.hash;`,
  },
  {
    name: 'a batch from within a block begins with the wrong hash',
    file: 'edge/journal/block-store.ts',
    find: `    previousHash ??= hashBefore(row, start);`,
    replace: `    previousHash ??= row.previous_hash;`,
  },
];
