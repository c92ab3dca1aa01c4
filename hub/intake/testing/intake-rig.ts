import { subjectOf } from '#contracts/subjects.ts';
import type { Clock } from '#contracts/time.ts';
import type { Receipt, SignedReceipt } from '#contracts/uplink.ts';
import type { Store } from '../../store/store.ts';
import { BatchApplier, type AppliedGroup } from '../batch-applier.ts';
import { HelloResponder } from '../hello-responder.ts';
import { LaneBook } from '../lane-book.ts';
import { SqlLaneStore, type SqlLaneTransaction } from '../sql-lane-store.ts';
import { Receipts } from '../receipts.ts';
import { registerGateway } from '../register-gateway.ts';
import type { JournalFixture } from './journal-fixture.ts';
import { newHubKey, quiet, tenant } from './test-hub.ts';

/** A clock that stands still until it is told to go on. */
class TestClock implements Clock {
  #nowMs = Date.UTC(2026, 0, 6);

  nowMs(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  advance(ms: number): void {
    this.#nowMs += ms;
  }
}

/** Everything of intake between the wire and a real store, without NATS. */
export class IntakeRig {
  readonly store: Store;
  readonly book: LaneBook<SqlLaneTransaction>;
  readonly clock = new TestClock();
  readonly pushed: { readonly subject: string; readonly receipt: Receipt }[] = [];
  readonly receipts: Receipts;
  readonly #applier: BatchApplier;
  readonly #responder: HelloResponder;

  constructor(store: Store) {
    const { clock } = this;
    this.store = store;
    const book = new LaneBook(new SqlLaneStore(store));
    this.book = book;
    this.#applier = new BatchApplier({ book, tenant, clock });
    this.receipts = new Receipts({
      book,
      clock,
      key: newHubKey(),
      draining: () => 1,
      publish: (subject, text) => {
        const { receipt } = JSON.parse(text) as SignedReceipt;
        this.pushed.push({ subject, receipt });
      },
    });
    const { receipts } = this;
    this.#responder = new HelloResponder({ book, receipts, clock, log: quiet });
  }

  /** Registers gateways and lets them say hello. */
  async welcome(...journals: JournalFixture[]): Promise<this> {
    for (const journal of journals) {
      const { site, gateway } = journal.address;
      const { signingKey } = journal;
      await registerGateway(this.store, this.clock, { site, gateway, signingKey, nkeyPublic: 'U' });
      await this.book.load();
      await this.hello(journal);
    }
    return this;
  }

  async hello(journal: JournalFixture, text = journal.hello()): Promise<Receipt | undefined> {
    const answer = await this.#responder.answer(journal.address, Buffer.from(text));
    return answer === undefined ? undefined : (JSON.parse(answer) as SignedReceipt).receipt;
  }

  /** One transaction of the given messages of one gateway. */
  async apply(journal: JournalFixture, ...messages: Uint8Array[]): Promise<AppliedGroup> {
    const subject = subjectOf(journal.address, 'up');
    return await this.#applier.apply(messages.map((data) => ({ subject, data })));
  }

  /** One transaction of messages of several gateways. */
  async applyAll(
    ...messages: { readonly journal: JournalFixture; readonly data: Uint8Array }[]
  ): Promise<AppliedGroup> {
    return await this.#applier.apply(
      messages.map(({ journal, data }) => ({ subject: subjectOf(journal.address, 'up'), data })),
    );
  }
}
