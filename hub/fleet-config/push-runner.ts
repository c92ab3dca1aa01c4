import type { Logger } from 'pino';
import type { ConfigPush } from '#contracts/api/config-api.ts';
import { messageOf } from '#contracts/fault.ts';
import type { DownlinkAuthor } from '../downlink/append-downlink.ts';
import type { GatewayView } from '../projections/gateway-view.ts';
import type { Store } from '../store/store.ts';
import { endConfigPush, listConfigPushes, sendConfigWave } from './config-pushes.ts';
import { nextPushStep, type PushedGateway } from './push-machine.ts';

const lookEveryMs = 1_000;

export interface PushRunnerParts {
  readonly store: Store;
  readonly author: DownlinkAuthor;
  readonly gateways: () => readonly GatewayView[];
  /** What keeps every gateway from being heard, in words; undefined: nothing does. */
  readonly away: () => string | undefined;
  /** Something new waits for gateways. */
  readonly sent: () => void;
  /** A push went on, at these sites. */
  readonly changed: (sites: readonly string[]) => void;
  readonly log: Logger;
}

/**
 * Brings pushes forward, whichever process began them. All that it knows is in the store, so that a
 * restart goes on where the last process stopped.
 */
export class PushRunner {
  readonly #parts: PushRunnerParts;
  /** What each push under way waits for. */
  readonly #waits = new Map<number, string>();
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;

  constructor(parts: PushRunnerParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#timer = setInterval(() => this.look(), lookEveryMs);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  /** At once, unless it is looking already. */
  look(): void {
    this.#looking ??= this.#look().finally(() => (this.#looking = undefined));
  }

  /** A gateway said something: who waits for that need not wait for the next turn. */
  heard(): void {
    if (this.#waits.size > 0) this.look();
  }

  /** What a push that is under way waits for; undefined: nothing. */
  waitsFor(push: number): string | undefined {
    const wait = this.#waits.get(push);
    const away = this.#parts.away();
    return wait === undefined || away === undefined ? wait : `${wait}; ${away}`;
  }

  async #look(): Promise<void> {
    const { log, store } = this.#parts;
    try {
      const running = await listConfigPushes(store, { state: 'running' });
      const over = [...this.#waits.keys()].filter((of) => !running.some((one) => one.push === of));
      for (const push of over) this.#waits.delete(push);
      for (const push of running) await this.#bringOn(push);
    } catch (error) {
      log.error({ reason: messageOf(error) }, 'config-push.failed');
    }
  }

  async #bringOn(push: ConfigPush): Promise<void> {
    const { author, changed, log, store } = this.#parts;
    const step = nextPushStep(push.gateways.map(this.#pushed(push)), push.waveSize);
    const of = { push: push.push, version: push.version };
    const sites = [...new Set(push.gateways.map(({ site }) => site))];
    if (step.type === 'wait') {
      const before = this.#waits.get(push.push);
      this.#waits.set(push.push, step.for);
      if (before !== step.for) changed(sites);
      return;
    }
    this.#waits.delete(push.push);
    if (step.type === 'send') {
      log.info({ ...of, gateways: step.gateways }, 'config-push.wave');
      await sendConfigWave(store, author, push, step.gateways);
      this.#parts.sent();
      this.#waits.set(push.push, `${step.gateways.join(', ')} to answer`);
    } else {
      const [state, reason] =
        step.type === 'stop' ? (['stopped', step.reason] as const) : (['done', ''] as const);
      const ended = await endConfigPush(store, author.clock, { ...of, state, reason });
      if (ended.ok) log[state === 'done' ? 'info' : 'warn']({ ...of, reason }, `config-push.ended`);
    }
    changed(sites);
  }

  #pushed({ gateways }: ConfigPush) {
    const views = new Map(this.#parts.gateways().map((view) => [view.gateway, view]));
    return ({ gateway, reason, state }: ConfigPush['gateways'][number]): PushedGateway => ({
      gateway,
      sent: state !== 'waiting' && gateways.length > 0,
      result: state === 'waiting' || state === 'sent' || state === 'left-out' ? undefined : state,
      reason: reason ?? undefined,
      ill: illnessOf(views.get(gateway)),
    });
  }
}

/** What keeps a gateway from counting as healthy; undefined where it is. */
function illnessOf(view: GatewayView | undefined): string | undefined {
  if (view?.now === undefined) return 'not heard';
  if (view.now.silent) return 'silent';
  if (view.lane?.halted === true || view.now.facts.health.uplink === 'halted') return 'halted';
  if (view.stuck !== undefined) return 'stuck';
  if (view.now.facts.health.intake === 'held') return 'holding its intake';
  return undefined;
}
