import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { describeFaults } from '#contracts/config-faults.ts';
import { Fault, messageOf } from '#contracts/fault.ts';
import { sitePeople, sitePerson, type SitePeople } from '#contracts/people.ts';
import type { DownlinkTarget, TakenEntry, TargetOutcome } from '../downlink/downlink-target.ts';
import { crossFault, readPeople, writePeople } from './people-file.ts';

/** Where the list lies that the hub sent; once there is one, it alone counts. */
export function hubPeopleFile(dataDir: string): string {
  return join(dataDir, 'people-from-hub.json');
}

/** The list in force: the hub's where it sent one, else the gateway's own. */
export function peopleFileInForce(dataDir: string, own: string): string {
  const fromHub = hubPeopleFile(dataDir);
  return existsSync(fromHub) ? fromHub : own;
}

/**
 * Takes the people of the site as the hub sends them. The floor page looks at the file every two
 * seconds: sessions of whoever is not in it end, and an end of rights goes through the intake log.
 */
export class HubPeople implements DownlinkTarget {
  readonly #dataDir: string;
  readonly #site: string;
  readonly #log: Logger;

  constructor(of: { readonly dataDir: string; readonly site: string; readonly log: Logger }) {
    this.#dataDir = of.dataDir;
    this.#site = of.site;
    this.#log = of.log;
  }

  take({ content }: TakenEntry): Promise<TargetOutcome> {
    return Promise.resolve(this.#take(content));
  }

  #take(content: string): TargetOutcome {
    const read = readList(content, this.#site);
    if (typeof read === 'string') {
      this.#log.error({ reason: read }, 'people.refused');
      return { result: 'refused', code: 'BAD_INPUT', text: read.slice(0, 500) };
    }
    const file = hubPeopleFile(this.#dataDir);
    const { version } = this.#before(file);
    // An entry that came again after a crash, or a hub that was restored and has not caught up.
    if (read.version < version) {
      const text = `version ${read.version} is older than ${version}, which is in force`;
      return { result: 'refused', code: 'CONFLICT', text };
    }
    writePeople(file, read);
    this.#log.info({ people: read.people.length, version: read.version }, 'people.from-hub');
    return { result: 'applied' };
  }

  /** A list that is damaged is no reason to refuse a sound one. */
  #before(file: string): Pick<SitePeople, 'version'> {
    try {
      return readPeople(file, this.#site);
    } catch (error) {
      if (error instanceof Fault) return { version: 0 };
      throw error;
    }
  }
}

/** @returns what is wrong with it, without what it holds. */
function readList(content: string, site: string): SitePeople | string {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch (error) {
    return `it is no JSON: ${messageOf(error)}`;
  }
  const known = knownPart(value);
  const [fault] = describeFaults(sitePeople, known);
  if (fault !== undefined)
    return `${fault.path || 'the list'} is not as it should be: ${fault.remedy}`;
  const people = known as SitePeople;
  return crossFault(people, site) ?? people;
}

/**
 * The list without what a later version says of lists and persons: an end of rights must not wait for
 * an upgrade. A lease is read as it is, since what it adds may be a limit.
 */
function knownPart(value: unknown): unknown {
  if (!isRecord(value) || !Array.isArray(value['people'])) return value;
  const people = (value['people'] as unknown[]).map((one) =>
    isRecord(one) ? pick(one, Object.keys(sitePerson.properties)) : one,
  );
  return { ...pick(value, Object.keys(sitePeople.properties)), people };
}

function pick(of: Record<string, unknown>, keys: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(keys.flatMap((key) => (key in of ? [[key, of[key]]] : [])));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
