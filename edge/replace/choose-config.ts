import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import type { EnrolmentAnswer, EnrolmentToken } from '#contracts/enrolment.ts';
import { Fault } from '#contracts/fault.ts';
import { describeFault } from '#contracts/config-fault.ts';
import type { GatewayConfig } from '../config/gateway-config.ts';
import { configFaultsOf } from '../config/load-config.ts';
import { starterConfig } from '../config/starter-config.ts';
import { composeConfig } from '../downlink/compose-config.ts';
import type { RestoredContent } from './replacement-file.ts';

/** `kept`: it was here already; `copy`: of the former box; `hub`: as pushed; `book`: zones alone. */
export type ConfigFrom = 'kept' | 'copy' | 'hub' | 'book';

interface ChosenConfig {
  readonly text: string;
  readonly from: ConfigFrom;
}

interface Choice {
  readonly token: EnrolmentToken;
  readonly answer: EnrolmentAnswer;
  readonly book: RestoredContent | undefined;
  readonly copy: string | undefined;
}

/**
 * The config of the new box: a copy of the former one's file where somebody has one; else what the
 * hub pushed last; else one to begin with, with the zones that the book knows.
 *
 * @throws Fault CONFIG_INVALID for a copy of another gateway, or where what was pushed does not fit.
 */
export function chooseConfig({ token, answer, book, copy }: Choice): ChosenConfig {
  if (copy !== undefined) return { text: checkedCopy(copy, token), from: 'copy' };
  const starter = starterOf(token, answer);
  const pushed = book?.head.config ?? null;
  if (pushed !== null) {
    const composed = composeConfig(`${starter}configOwner: hub\n`, pushed);
    if (composed.ok) return { text: composed.value, from: 'hub' };
    const faults = configFaultsOf(composed.refusal.details).map(describeFault).join('; ');
    throw new Fault('CONFIG_INVALID', `${composed.refusal.message}: ${faults}`);
  }
  return { text: withZones(starter, book), from: 'book' };
}

export function keptConfig(text: string): ChosenConfig {
  return { text, from: 'kept' };
}

/** A copy may name its keys elsewhere than where new ones are made. */
export function placeKeys(dir: string, text: string, file: string): void {
  const { hub, http } = (parseDocument(text).toJS() ?? {}) as Partial<GatewayConfig>;
  const places: readonly (readonly [made: string, named: string | undefined])[] = [
    ['login.seed', hub?.loginSeedFile],
    ['signing.pem', hub?.signingKeyFile],
    ['http.token', http?.tokenFile],
  ];
  for (const [made, named] of places) {
    if (named === undefined) continue;
    const from = join(dir, 'keys', made);
    const to = resolve(dirname(file), named);
    if (to === from || existsSync(to)) continue;
    mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
    copyFileSync(from, to);
  }
}

function checkedCopy(text: string, token: EnrolmentToken): string {
  const document = parseDocument(text);
  const { gateway, hub } = (document.toJS() ?? {}) as Partial<GatewayConfig>;
  const isSame =
    gateway?.tenant === token.tenant && gateway.site === token.site && gateway.id === token.gateway;
  if (!isSame || hub?.publicKey !== token.hubKey) {
    const whose = `${token.site}/${token.gateway}`;
    throw new Fault('CONFIG_INVALID', `the copy is no config of ${whose} at the hub of the token`);
  }
  return text;
}

function starterOf(token: EnrolmentToken, answer: EnrolmentAnswer): string {
  const { tenant, site, gateway: id } = token;
  const hasCa = (answer.ca ?? token.ca) !== undefined;
  return starterConfig({
    tenant,
    site,
    id,
    hubServers: answer.natsServers,
    hubPublicKey: token.hubKey,
    hubApiUrls: token.hubUrls,
    ...(hasCa && { hubCaFile: 'hub-ca.pem' }),
  });
}

/** Zones of the book, each with the status that most of its accounts have. */
function withZones(starter: string, book: RestoredContent | undefined): string {
  const counts = new Map<string, Map<string, number>>();
  for (const { accounts } of book?.parts ?? []) {
    for (const { zone, status } of accounts) {
      const of = counts.get(zone) ?? new Map<string, number>();
      counts.set(zone, of.set(status, (of.get(status) ?? 0) + 1));
    }
  }
  if (counts.size === 0) return starter;
  const zones = [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, of]) => {
      const [most] = [...of].sort(([, a], [, b]) => b - a);
      return { id, status: most?.[0] ?? 'available' };
    });
  const document = parseDocument(starter);
  document.set('zones', document.createNode(zones));
  return document.toString({ lineWidth: 0 });
}
