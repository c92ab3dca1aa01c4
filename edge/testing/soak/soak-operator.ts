import { setTimeout as sleep } from 'node:timers/promises';
import { floorPaths, type FloorActAnswer, type FloorActBody } from '#contracts/api/floor-api.ts';
import { csrfHeader } from '#contracts/api/session-api.ts';
import { Fault } from '#contracts/fault.ts';
import { site } from './soak-site.ts';
import { epcOf, shelfOf } from './soak-world.ts';

/** Where the doors lead, and where the operator works. */
export const doorZone = 'storage';
export const operator = { username: 'mia', password: 'correct horse battery' } as const;

const shelfZones = site.readers - site.doors;
/** The items that `epcOf` gives tags, by the last two bits of the tag. */
const gtins = ['80614141123441', '80614141123458', '80614141123465', '80614141123472'] as const;
const bulk = 'screw-m4';
const mostTries = 30;
const retryMs = 1000;

/** Omit that keeps the arms of a union apart. */
type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** A person at the floor page of the gateway. */
export class SoakOperator {
  readonly #origin: string;
  #cookie = '';
  #acts = 0;
  #turn = 0;

  constructor(httpPort: number) {
    this.#origin = `http://127.0.0.1:${httpPort}`;
  }

  async signIn(): Promise<void> {
    const answer = await this.#post(floorPaths.session, operator);
    if (!answer.ok) throw new Fault('UNAVAILABLE', `sign-in was answered with ${answer.status}`);
    const [cookie = ''] = answer.headers.getSetCookie();
    this.#cookie = cookie.split(';')[0] ?? '';
  }

  /** Books every resident onto its shelf, as whoever opened the site did. */
  async receiveResidents(): Promise<void> {
    for (let shelf = 0; shelf < shelfZones; shelf += 1) {
      const tags = Array.from({ length: site.tags }, (_, tag) => tag).filter(
        (tag) => shelfOf(tag) === shelf,
      );
      for (const [remainder, item] of gtins.entries()) {
        const serials = tags.filter((tag) => tag % gtins.length === remainder).map(epcOf);
        const goods = { item, quantity: serials.length, serials };
        await this.#act({ type: 'receive', zone: `at-reader-${shelf}`, what: { goods } });
      }
    }
    await this.#act({
      type: 'receive',
      zone: doorZone,
      what: { goods: { item: bulk, quantity: 1_000_000 } },
    });
  }

  /** The next transaction of the day: goods in, moves, holds and their end, corrections. */
  async transact(): Promise<void> {
    const turn = this.#turn;
    this.#turn += 1;
    const what = { goods: { item: bulk, quantity: 1 + (turn % 12) } };
    const zone = doorZone;
    const toZone = `at-reader-${Math.floor(turn / 10) % shelfZones}`;
    const steps: Without<FloorActBody, 'id'>[] = [
      { type: 'receive', zone, what },
      { type: 'move', zone, toZone, what },
      { type: 'move', zone: toZone, toZone: zone, what: { goods: { item: bulk, quantity: 1 } } },
      { type: 'receive', zone, what },
      { type: 'hold', zone, what: one, reason: 'quality' },
      { type: 'release', zone, status: 'quality-hold', what: one },
      { type: 'move', zone, toZone, what },
      { type: 'adjust', zone, item: bulk, quantity: 1, reason: 'found' },
      { type: 'ship', zone, what },
      { type: 'adjust', zone, item: bulk, quantity: -1, reason: 'damaged' },
    ];
    const step = steps[turn % steps.length];
    if (step !== undefined) await this.#act(step);
  }

  /**
   * Sends an act, and sends it again while the gateway asks for that.
   *
   * @throws Fault INTERNAL when the gateway refuses: the bench asks only for what it may.
   */
  async #act(body: Without<FloorActBody, 'id'>): Promise<void> {
    this.#acts += 1;
    const id = `soak-${String(this.#acts).padStart(8, '0')}`;
    for (let tries = 1; ; tries += 1) {
      const answer = await this.#post(floorPaths.acts, { id, ...body });
      const said = await answer.text();
      if (answer.ok && (JSON.parse(said) as FloorActAnswer).outcome === 'applied') return;
      if (answer.status !== 503 || tries === mostTries) {
        throw new Fault('INTERNAL', `${body.type} was answered: ${said}`);
      }
      await sleep(retryMs);
    }
  }

  async #post(path: string, body: unknown): Promise<Response> {
    return await fetch(this.#origin + path, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        origin: this.#origin,
        [csrfHeader]: '1',
        ...(this.#cookie !== '' && { cookie: this.#cookie }),
      },
      body: JSON.stringify(body),
    });
  }
}

const one = { goods: { item: bulk, quantity: 1 } } as const;
