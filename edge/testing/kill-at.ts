/**
 * Loaded before a gateway (`node --import`): the process kills itself with SIGKILL at one step on
 * the way from a device to the hub, when that step comes for the n-th time. `HOLDFAST_TEST_KILL_AT`
 * is `<step>:<n>`. Nothing of the gateway knows of it: the steps are seen at SQLite's transactions
 * and at sockets, where they leave the process.
 */
import { Socket } from 'node:net';
import process from 'node:process';
import Database from 'better-sqlite3';

/** In the order in which an entry passes them. */
export const killSteps = [
  'intake-commit-begins',
  'intake-committed',
  'puback-written',
  'journal-commit-begins',
  'journal-committed',
  'batch-to-be-sent',
  'batch-sent',
  'receipt-received',
] as const;
type KillStep = (typeof killSteps)[number];

const [wanted = '', times = '1'] = (process.env['HOLDFAST_TEST_KILL_AT'] ?? '').split(':');
let left = Number(times);
/** Steps count from the first acknowledgement to a device: before that the gateway is starting. */
let isArmed = false;

function reach(step: KillStep): void {
  if (step !== wanted || !isArmed) return;
  left -= 1;
  if (left === 0) process.kill(process.pid, 'SIGKILL');
}

type Work = (...args: unknown[]) => unknown;

const commits: Readonly<Record<string, readonly [begins: KillStep, done: KillStep]>> = {
  'intake.db': ['intake-commit-begins', 'intake-committed'],
  'journal.db': ['journal-commit-begins', 'journal-committed'],
};

const { transaction } = Database.prototype as { transaction: (work: Work) => Work };
Object.assign(Database.prototype, {
  transaction(this: Database.Database, work: Work): Work {
    const carriedOut = transaction.call(this, work);
    const steps = commits[this.name.split('/').at(-1) ?? ''];
    if (steps === undefined) return carriedOut;
    const [begins, done] = steps;
    const watched: Work = (...args) => {
      reach(begins);
      const result = carriedOut(...args);
      reach(done);
      return result;
    };
    return Object.assign(watched, { immediate: watched, exclusive: watched, deferred: watched });
  },
});

/** The first byte of an MQTT PUBACK; neither NATS nor HTTP begins with it. */
const puback = 0x40;
const batchSubject = /PUB hf\.1\.\S+\.up /;
const receiptSubject = /MSG hf\.1\.\S+\.receipt /;

function textOf(data: unknown): string {
  return data instanceof Uint8Array ? Buffer.from(data).toString('latin1') : '';
}

/** What is written is given to the kernel before `write` returns. */
// oxlint-disable-next-line typescript/unbound-method -- both are called with their socket
const { push, write } = Socket.prototype;
Object.assign(Socket.prototype, {
  write(this: Socket, ...args: Parameters<typeof write>): boolean {
    const [data] = args;
    const isBatch = batchSubject.test(textOf(data));
    if (isBatch) reach('batch-to-be-sent');
    const result = write.apply(this, args);
    if (isBatch) reach('batch-sent');
    if (data instanceof Uint8Array && data[0] === puback) {
      isArmed = true;
      reach('puback-written');
    }
    return result;
  },
  push(this: Socket, ...args: Parameters<typeof push>): boolean {
    const [data] = args as [unknown];
    if (receiptSubject.test(textOf(data))) reach('receipt-received');
    return push.apply(this, args);
  },
});
