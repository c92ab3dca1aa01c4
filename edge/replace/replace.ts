import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { EnrolmentAnswer, EnrolmentToken } from '#contracts/enrolment.ts';
import { Fault } from '#contracts/fault.ts';
import { profileOf } from '../../devices/registry.ts';
import type { ConfigFault } from '#contracts/config-fault.ts';
import { checkConfigFile, checkConfigText } from '../config/load-config.ts';
import { siteConfigText } from '../config/site-config.ts';
import { askToEnrol } from '../enrol/ask-to-enrol.ts';
import { prepareBox, writeHubCa } from '../enrol/prepare-box.ts';
import type { Identity } from '../identity/identity.ts';
import { writeNewFile } from '../identity/secret-file.ts';
import { writeFileDurably } from '../journal/durable-file.ts';
import { chooseConfig, keptConfig, placeKeys, type ConfigFrom } from './choose-config.ts';
import { fetchRestore, type FetchedRestore } from './fetch-restore.ts';
import { missingFiles } from './missing-files.ts';
import { decodeBook, writeReplacement, type RestoredContent } from './replacement-file.ts';

/** What a person wants to see of it; no secret. */
export interface Replaced {
  readonly config: string;
  readonly tenant: string;
  readonly site: string;
  readonly gateway: string;
  readonly keyId: string;
  /** null: the former box never delivered anything, and this one begins as the first. */
  readonly restored: {
    readonly epoch: number;
    readonly afterEpoch: number;
    readonly afterSeq: number;
    /** Loose things; those in units come with them. */
    readonly serials: number;
    readonly accounts: number;
    readonly units: number;
    readonly tasks: number;
    /** Ids that are known again when they come again. */
    readonly acts: number;
    readonly scans: number;
    readonly uncertainFrom: string;
    readonly uncertainTo: string;
  } | null;
  readonly configFrom: ConfigFrom;
  /** As the one that was last in force; null: nobody can say. */
  readonly sameConfig: boolean | null;
  /** What keeps it from running: mostly passwords of devices, which were on the former box alone. */
  readonly faults: readonly ConfigFault[];
  /** What it runs without, and turns devices away: certificates that were on the former box alone. */
  readonly missing: readonly ConfigFault[];
  readonly pending?: string | undefined;
}

interface Replacing {
  readonly dir: string;
  readonly token: EnrolmentToken;
  /** A copy of the former box's config file, if there is one. */
  readonly configCopy?: string | undefined;
  readonly say: (words: string) => void;
}

/**
 * Makes a folder the home of a box in the place of a dead one: keys of its own, the hub's word that it
 * takes them instead of the former ones, the book as the hub knows it, the config last. What was
 * interrupted is finished by the same call; what is done is said again.
 *
 * @throws Fault BAD_INPUT for a token of another purpose; CONFLICT for a folder with a journal; and
 * those of `askToEnrol` and `fetchRestore`.
 */
export async function replace({ dir, token, configCopy, say }: Replacing): Promise<Replaced> {
  if (token.purpose !== 'replace') {
    const remedy = 'make one by `hub gateway token --replace`';
    throw new Fault('BAD_INPUT', `this token is for a new gateway: ${remedy}`);
  }
  const file = join(dir, 'gateway.yaml');
  const kept = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  checkUntouched(dataDirOf(kept ?? '', file));
  const identity = prepareBox(dir);
  const answer = await askToEnrol(token, identity);
  writeHubCa(dir, answer.ca ?? token.ca);
  const fetched = await fetchRestore(token, identity, say);
  const book = fetched && decodeBook(fetched.content);
  const copy = configCopy === undefined ? undefined : readFileSync(configCopy, 'utf8');
  const chosen =
    kept === undefined ? chooseConfig({ token, answer, book, copy }) : keptConfig(kept);
  const dataDir = dataDirOf(chosen.text, file);
  checkUntouched(dataDir);
  if (fetched !== undefined) layOut(dataDir, fetched, book);
  if (kept === undefined) {
    placeKeys(dir, chosen.text, file);
    writeNewFile(file, chosen.text, 0o644);
  }
  const { config, faults } = checkConfigFile(file, profileOf);
  const siteHash = config && siteConfigText(config).hash;
  const known = book?.head.siteHash ?? null;
  return {
    ...shown(file, token, identity, answer),
    restored: restoredOf(fetched, book),
    configFrom: chosen.from,
    sameConfig: known === null || siteHash === undefined ? null : siteHash === known,
    faults,
    // A certificate's key is a secret too, and then among the faults.
    missing: missingFiles(chosen.text, file).filter(
      ({ path }) => !faults.some((fault) => fault.path === path),
    ),
  };
}

/** What the first start takes in. The downlink goes on where the former box had settled it. */
function layOut(dataDir: string, fetched: FetchedRestore, book: RestoredContent | undefined): void {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const settled = { settled: book?.head.downlinkSettled ?? 0, outcomes: [] };
  writeFileDurably(join(dataDir, 'downlink.json'), `${JSON.stringify(settled)}\n`, 0o600);
  writeReplacement(dataDir, fetched.manifest, fetched.content);
}

function shown(
  config: string,
  { tenant, site, gateway }: EnrolmentToken,
  { keyId }: Identity,
  { pending }: EnrolmentAnswer,
) {
  return { config, tenant, site, gateway, keyId, ...(pending !== undefined && { pending }) };
}

function restoredOf(
  fetched: FetchedRestore | undefined,
  book: RestoredContent | undefined,
): Replaced['restored'] {
  if (fetched === undefined || book === undefined) return null;
  const { parent, uncertainFromMs, uncertainToMs } = fetched.manifest;
  const count = (rows: 'accounts' | 'serials' | 'units' | 'tasks' | 'acts' | 'scans') =>
    book.parts.reduce((sum, part) => sum + (part[rows]?.length ?? 0), 0);
  return {
    epoch: parent.ordinal + 1,
    afterEpoch: parent.ordinal,
    afterSeq: parent.seq,
    accounts: count('accounts'),
    serials: count('serials'),
    units: count('units'),
    tasks: count('tasks'),
    acts: count('acts'),
    scans: count('scans'),
    uncertainFrom: new Date(uncertainFromMs).toISOString(),
    uncertainTo: new Date(uncertainToMs).toISOString(),
  };
}

/** A journal of its own and the book of another box would be two histories in one. */
function checkUntouched(dataDir: string): void {
  if (!existsSync(join(dataDir, 'journal.db'))) return;
  const remedy = 'use an empty folder; a box that has its journal is let in again by `enroll`';
  throw new Fault('CONFLICT', `${dataDir} holds a journal already: ${remedy}`);
}

function dataDirOf(text: string, file: string): string {
  return checkConfigText(text, file, profileOf).dataDir ?? join(dirname(file), 'data');
}
